"""What a run in the guest is judged by."""

from dataclasses import replace

import pytest

from tests.vm.verdict import Rate, Suffered, Verdict

GOOD = Verdict(
    rates=[Rate(20.0, 800, 803)],
    faults=[Suffered("adapter unplugged", 2.0, 4.0, 7.0)],
    expected=["m.a", "b.b-1"],
    entered=["b.b-1", "m.a"],
    left=[],
    lived_through=True,
    exit_status=0,
)


def test_a_good_run_says_so() -> None:
    assert list(GOOD.complaints()) == []
    assert GOOD.report().splitlines() == [
        "fault                     told   power   heard   (s; power and heard since it was mended)",
        "adapter unplugged          2.0     4.0     7.0",
        "40.0 packets/s on the air, 40.1 taken (803 of 800 in 20 s)",
        "entered: b.b-1, m.a; left: nobody",
        "passed",
    ]


@pytest.mark.parametrize(
    ("bad", "complaint"),
    [
        (replace(GOOD, rates=[Rate(20.0, 800, 400)]), "of 800 packets only 400 were taken"),
        (replace(GOOD, rates=[Rate(20.0, 0, 0)]), "of 0 packets only 0 were taken"),
        (replace(GOOD, faults=[Suffered("x", 1.0, 1.0, 30.1)]), "x: heard again only 30.1 s after it was mended"),
        (replace(GOOD, entered=["b.b-1"]), "['b.b-1', 'm.a'] were to enter once each; it told of ['b.b-1']"),
        (replace(GOOD, left=["zone.left"]), "somebody left: zone.left"),
        (replace(GOOD, lived_through=False), "the gateway did not live through it"),
        (replace(GOOD, exit_status=1), "the gateway ended with 1"),
    ],
)
def test_a_bad_one_says_why(bad: Verdict, complaint: str) -> None:
    assert list(bad.complaints()) == [complaint]
    assert f"WRONG: {complaint}" in bad.report()
