"""Whether members were dealt out as written: told from what was told of them."""

from dataclasses import replace

import pytest

from gateway.core.offers.balance import Balance, Told, balances, chi_square_p
from gateway.core.offers.sticky import bucket
from gateway.model.documents import Campaigns, Variant
from tests.core.offers import CONTENT, WELCOME

TESTED = replace(
    WELCOME, control_per_10000=1000, variants=(Variant("a", 3, "hello"), Variant("b", 1, "hello"), Variant("c", 0, "x"))
)


def found(told: list[Told]) -> dict[str, Balance]:
    return {each.split: each for each in balances(Campaigns(1, (TESTED,), CONTENT), told)}


def dealt(members: int) -> list[Told]:
    """As the gateway deals: every third of those who are no control was offered enough already."""
    told = []
    for number in range(members):
        unit, subject = str(number), f"m.{number}"
        if bucket("welcome:control", unit) < 1000:
            told.append(Told(subject, "welcome", reason="control"))
        elif number % 3:
            told.append(Told(subject, "welcome", variant="a" if bucket("welcome:variant", unit, 4) < 3 else "b"))
        else:
            told.append(Told(subject, "welcome", reason="cap"))
    return told


def test_what_the_gateway_deals_is_as_written() -> None:
    both = found(dealt(20_000) * 2)
    assert both["control"].counts["control"] + both["control"].counts["others"] == 20_000
    assert set(both["variants"].counts) == {"a", "b"}
    assert not any(each.suspect for each in both.values())


def test_members_who_got_lost_on_one_side_are_found() -> None:
    lossy = [each for number, each in enumerate(dealt(20_000)) if each.variant != "b" or number % 5]
    both = found(lossy)
    assert both["variants"].suspect
    assert both["variants"].p is not None
    without_control = [each for number, each in enumerate(dealt(20_000)) if each.reason != "control" or number % 4]
    assert found(without_control)["control"].suspect


def test_who_was_refused_before_the_test_is_on_no_side_and_of_a_few_nothing_is_said() -> None:
    both = found([Told("m.1", "welcome", reason="consent"), *dealt(10)])
    assert both["control"].counts["control"] + both["control"].counts["others"] == 10
    assert both["control"].p is None
    assert not both["control"].suspect


def test_a_campaign_without_a_test_has_no_split() -> None:
    assert balances(Campaigns(1, (WELCOME,), CONTENT), dealt(100)) == ()


@pytest.mark.parametrize(
    ("statistic", "degrees", "p"),
    [(3.841, 1, 0.05), (5.991, 2, 0.05), (7.815, 3, 0.05), (9.488, 4, 0.05), (10.828, 1, 0.001), (0.0, 3, 1.0)],
)
def test_the_chi_square_is_that_of_the_tables(statistic: float, degrees: int, p: float) -> None:
    assert chi_square_p(statistic, degrees) == pytest.approx(p, rel=1e-3)
