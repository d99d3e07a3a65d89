"""The campaigns document: `wire.md`'s example compiles; what is wrong, or not yet acted upon, is refused by name."""

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.documents.campaigns import compile_campaigns
from gateway.documents.refusal import DocumentRefused
from gateway.model.documents import Cap, Codes, Follows, Lease, Schedule, Trigger, Variant
from gateway.model.time import from_rfc3339
from gateway.model.visit import Assurance

DOCUMENT: dict[str, Any] = {
    "document": "campaigns",
    "serial": 55,
    "holdout": {"salt": "2026q4", "per_10000": 500},
    "campaigns": [
        {
            "id": "welcome",
            "purpose": "offers",
            "trigger": {"zone_entered": {"kind": "entrance"}},
            "audience": "'sneakers' in member.segments",
            "schedule": {
                "from": "2026-01-05T00:00:00+01:00",
                "until": "2026-02-01T00:00:00Z",
                "rrule": "FREQ=WEEKLY;BYDAY=MO,TU",
                "opening_hours": False,
            },
            "min_assurance": "proven",
            "priority": 50,
            "exclusive_group": "greeting",
            "zones": ["door"],
            "caps": [{"scope": "member", "max": 1, "per": "day"}, {"scope": "visit", "max": 2}],
            "quiet_hours": {"push": ["20:00", "09:00"]},
            "control_per_10000": 1000,
            "variants": [{"id": "a", "weight": 1, "content": "welcome-a"}],
            "benefit": {"kind": "percent", "value": 10, "code": "single_use"},
            "channels": ["app", "display"],
        }
    ],
    "content": {
        "welcome-a": {"moment": "aspire", "fr": {"title": "Bonjour", "body": "…"}, "en": {"title": "Hello"}},
    },
}


def raw(document: object) -> bytes:
    return json.dumps(document).encode()


def changed(**keys: object) -> bytes:
    """The document whose one campaign has `keys` instead; None leaves a key out."""
    document = copy.deepcopy(DOCUMENT)
    for key, value in keys.items():
        if value is None:
            document["campaigns"][0].pop(key, None)
        else:
            document["campaigns"][0][key] = value
    return raw(document)


def refused(content: bytes) -> DocumentRefused:
    with pytest.raises(DocumentRefused) as caught:
        compile_campaigns(content)
    return caught.value


def test_the_example_of_the_wire_compiles() -> None:
    document = compile_campaigns(raw(DOCUMENT))
    assert (document.serial, document.holdout_salt, document.holdout_per_10000) == (55, "2026q4", 500)
    assert document.content == {"welcome-a": {"fr": {"title": "Bonjour", "body": "…"}, "en": {"title": "Hello"}}}
    (welcome,) = document.campaigns
    assert welcome.trigger == Trigger("zone_entered", zone_kind="entrance")
    assert welcome.audience.source == "'sneakers' in member.segments"
    assert welcome.schedule == Schedule(
        from_rfc3339("2026-01-04T23:00:00Z"),
        from_rfc3339("2026-02-01T00:00:00Z"),
        {"FREQ": "WEEKLY", "BYDAY": "MO,TU"},
    )
    assert (welcome.min_assurance, welcome.priority, welcome.exclusive_group) == (Assurance.PROVEN, 50, "greeting")
    assert (welcome.zones, welcome.caps) == (frozenset({"door"}), (Cap("member", 1, "day"), Cap("visit", 2)))
    assert (welcome.quiet_hours, welcome.control_per_10000) == ({"push": ("20:00", "09:00")}, 1000)
    assert (welcome.variants, welcome.channels) == ((Variant("a", 1, "welcome-a"),), ("app", "display"))
    assert welcome.benefit == {"kind": "percent", "value": 10, "code": "single_use"}


def test_a_campaign_needs_an_id_a_trigger_and_variants_only() -> None:
    plain = {key: DOCUMENT["campaigns"][0][key] for key in ("id", "trigger", "variants")}
    (welcome,) = compile_campaigns(raw({**DOCUMENT, "campaigns": [plain]})).campaigns
    assert (welcome.purpose, welcome.min_assurance, welcome.channels) == ("offers", Assurance.PROXIMATE, ("app",))
    assert (welcome.audience, welcome.schedule, welcome.caps) == (None, Schedule(), ())


def test_campaigns_are_in_order_of_id() -> None:
    several = [{**DOCUMENT["campaigns"][0], "id": name} for name in ("c", "a", "b")]
    assert [c.id for c in compile_campaigns(raw({**DOCUMENT, "campaigns": several})).campaigns] == ["a", "b", "c"]


@pytest.mark.parametrize(
    ("written", "trigger"),
    [
        ({"zone_entered": {}}, Trigger("zone_entered")),
        ({"zone_left": {"zone": "shoes"}}, Trigger("zone_left", zone="shoes")),
        ({"zone_dwelled": {"kind": "aisle", "after_s": 45}}, Trigger("zone_dwelled", zone_kind="aisle", after_s=45.0)),
        ({"code_scanned": {"marker": "A7"}}, Trigger("code_scanned", marker="A7")),
        ({"tag_tapped": {"product": "9506000134352"}}, Trigger("tag_tapped", product="09506000134352")),
        ({"checked_in": {}}, Trigger("checked_in")),
    ],
)
def test_triggers(written: dict[str, object], trigger: Trigger) -> None:
    assert compile_campaigns(changed(trigger=written)).campaigns[0].trigger == trigger


@pytest.mark.parametrize(
    ("budget", "lease"),
    [
        ({"kind": "usage", "lease": 200}, Lease(200)),
        ({"kind": "usage", "lease": 2, "until": "1970-01-01T00:01:00Z"}, Lease(2, 60.0)),
        ({"kind": "spend", "lease": 10.0, "each": 2.5}, Lease(4)),
        ({"kind": "spend", "lease": 0.3, "each": 0.1}, Lease(3)),
        ({"kind": "spend", "lease": 100_000_000.02, "each": 33_333_333.34}, Lease(3)),
        ({"kind": "spend", "lease": 100_000_000.01, "each": 33_333_333.34}, Lease(2)),
    ],
)
def test_a_budget_is_a_lease_of_offers(budget: dict[str, object], lease: Lease) -> None:
    assert compile_campaigns(changed(budget=budget)).campaigns[0].lease == lease


@given(st.integers(1, 10**11), st.integers(1, 10**11))
def test_no_more_offers_are_lent_than_fit_to_the_last_cent(lease: int, each: int) -> None:
    budget = {"kind": "spend", "lease": lease / 100, "each": each / 100}
    assert compile_campaigns(changed(budget=budget)).campaigns[0].lease == Lease(lease // each)


def test_what_an_offer_takes_from_a_budget_is_what_it_costs_where_nothing_else_is_said() -> None:
    spends = {"kind": "spend", "lease": 10.0}
    campaign = compile_campaigns(changed(budget=spends, cost=2.5)).campaigns[0]
    assert (campaign.lease, campaign.cost) == (Lease(4), 2.5)
    assert compile_campaigns(changed(budget=spends | {"each": 5}, cost=2.5)).campaigns[0].lease == Lease(2)


def test_what_else_a_campaign_may_say() -> None:
    schedule = {"opening_hours": True, "dayparts": [["09:00", "11:00"]]}
    raw = changed(
        schedule=schedule,
        category="shoes",
        cooldown_s=60,
        stopped=True,
        follows={"campaign": "hi", "within_s": 9},
        stores=["0042", "city"],
        stacking="alone",
        codes={"digests": ["0" * 32], "scope": "brand", "offline_up_to": 5},
    )
    (welcome,) = compile_campaigns(raw).campaigns
    assert welcome.schedule == Schedule(dayparts=(("09:00", "11:00"),), opening_hours=True)
    assert (welcome.category, welcome.cooldown_s, welcome.stopped) == ("shoes", 60.0, True)
    assert welcome.follows == Follows("hi", 9.0)
    assert welcome.codes == Codes(frozenset({"0" * 32}), brand=True, offline_up_to=5.0)
    assert (welcome.stores, welcome.alone) == (frozenset({"0042", "city"}), True)


def test_what_holds_for_all_campaigns() -> None:
    caps = [{"scope": "member", "max": 3, "per": "day"}, {"scope": "visit", "max": 1, "category": "shoes"}]
    document = compile_campaigns(raw({**DOCUMENT, "stopped": True, "contacts_per_day": 4, "at_once": 2, "caps": caps}))
    assert document.caps == (Cap("member", 3, "day"), Cap("visit", 1, category="shoes"))
    assert (document.stopped, document.contacts_per_day, document.at_once) == (True, 4, 2)


@pytest.mark.parametrize(
    ("keys", "key", "problem"),
    [
        ({"colour": "red"}, "colour", "this key is not known"),
        ({"codes": {"digests": ["0" * 32], "once": False, "scope": "brand"}}, "codes.scope", "needs no lock"),
        ({"codes": {"digests": ["0" * 32], "offline_up_to": 5}}, "codes.offline_up_to", "always good offline"),
        ({"stacking": "some"}, "stacking", "the value should be 'free' or 'alone'"),
        ({"budget": {"kind": "spend", "lease": 200}}, "budget.each", "this key is missing"),
        ({"cost": 0}, "cost", "the value should be greater than 0"),
        ({"budget": {"kind": "usage", "lease": 2.5}}, "budget", "is a number of offers"),
        ({"caps": [{"scope": "visit", "max": 1, "category": "x"}]}, "caps[0].category", "counts that campaign"),
        ({"schedule": {"dayparts": [["9:00", "11:00"]]}}, "schedule.dayparts[0]", "are not two times of day"),
        ({"stock": {"product": "12"}}, "stock.product", "'12' is not a GTIN"),
        ({"cooldown_s": 0}, "cooldown_s", "greater than 0"),
        ({"benefit": {"kind": "percent", "value": 200}}, "benefit.value", "200 per cent cannot be taken off a price"),
        ({"benefit": {"kind": "percent", "value": 0}}, "benefit.value", "0 per cent cannot be taken off a price"),
        ({"benefit": {"kind": "points", "value": 1e10}}, "benefit.value", "so many points cannot be added up"),
        ({"benefit": {"kind": "points", "value": 0.12345}}, "benefit.value", "so many points cannot be added up"),
        ({"id": None}, "id", "this key is missing"),
        ({"purpose": "spam"}, "purpose", "there is no purpose 'spam'"),
        ({"trigger": {}}, "trigger", "it names 0 triggers"),
        ({"trigger": {"zone_left": {}, "zone_entered": {}}}, "trigger", "it names 2 triggers"),
        ({"trigger": {"sneezed": {}}}, "trigger.sneezed", "there is no trigger 'sneezed'"),
        ({"trigger": {"zone_left": {"zone": "a", "kind": "b"}}}, "trigger.zone_left", "it has both zone and kind"),
        ({"trigger": {"zone_left": {"after_s": 3}}}, "trigger.zone_left.after_s", "this key is not known"),
        ({"trigger": {"zone_dwelled": {}}}, "trigger.zone_dwelled.after_s", "this key is missing"),
        ({"trigger": {"checked_in": {"zone": "a"}}}, "trigger.checked_in.zone", "this key is not known"),
        ({"trigger": {"code_scanned": {"product": "1"}}}, "trigger.code_scanned.product", "'1' is not a GTIN"),
        ({"audience": "member.shoe == 42"}, "audience", "member.shoe does not exist"),
        ({"schedule": {"from": "2026-01-05T09:00:00"}}, "schedule.from", "has no offset"),
        ({"schedule": {"from": "soon"}}, "schedule.from", "Invalid isoformat string"),
        (
            {"schedule": {"from": "2026-01-05T00:00:00Z", "until": "2026-01-05T00:00:00Z"}},
            "schedule.until",
            "it is not after from",
        ),
        ({"schedule": {"rrule": "FREQ=HOURLY"}}, "schedule.rrule", "FREQ must be one of"),
        ({"schedule": {"rrule": "FREQ=WEEKLY"}}, "schedule.rrule", "its dates depend on when it starts"),
        ({"min_assurance": "sure"}, "min_assurance", "should be 'claimed'"),
        ({"caps": [{"scope": "member", "max": 0}]}, "caps[0].max", "greater than or equal to 1"),
        ({"caps": [{"scope": "visit", "max": 1, "per": "day"}]}, "caps[0].per", "counts the visit"),
        ({"quiet_hours": {"push": ["20:00"]}}, "quiet_hours.push", "are not two times of day"),
        ({"quiet_hours": {"push": ["20:00", "24:00"]}}, "quiet_hours.push", "are not two times of day"),
        ({"quiet_hours": {"push": ["20:00", "20:00"]}}, "quiet_hours.push", "the two times are the same"),
        ({"control_per_10000": 10_001}, "control_per_10000", "less than or equal to 10000"),
        ({"variants": []}, "variants", "at least 1 item"),
        ({"variants": [{"id": "a", "weight": 0, "content": "welcome-a"}]}, "variants", "every weight is 0"),
        (
            {"variants": [{"id": "a", "weight": 1, "content": "gone"}]},
            "variants[0].content",
            "there is no content 'gone'",
        ),
        (
            {"variants": [{"id": "a", "weight": 1, "content": "welcome-a"}] * 2},
            "variants[1].id",
            "'a' is used twice",
        ),
        ({"benefit": {"kind": "magic"}}, "benefit.kind", "'magic' is no kind of benefit"),
        ({"channels": []}, "channels", "at least 1 item"),
    ],
)
def test_what_is_wrong_is_said_with_its_key(keys: dict[str, object], key: str, problem: str) -> None:
    refusal = refused(changed(**keys))
    assert (refusal.code, refusal.document, refusal.key) == ("invalid", "campaigns", f"campaigns[0].{key}")
    assert problem in refusal.problem
    assert refusal.hint


@pytest.mark.parametrize(
    ("change", "key", "problem"),
    [
        (lambda d: d["campaigns"].append(d["campaigns"][0]), "campaigns[1].id", "'welcome' is used twice"),
        (lambda d: d["content"]["welcome-a"].update(fr={"body": "…"}), "content.welcome-a.fr.title", "missing"),
        (lambda d: d["content"]["welcome-a"].update(FR={"title": "…"}), "content.welcome-a.FR", "there twice"),
        (lambda d: d["content"]["welcome-a"].update(moment=3), "content.welcome-a.moment", "it is not text"),
        (lambda d: d["content"].update(bare={"moment": "x"}), "content.bare", "no words in any language"),
        (lambda d: d.update(holdout={"salt": "", "per_10000": 5}), "holdout.salt", "at least 1 character"),
        (lambda d: d.update(serial="55"), "serial", "valid integer"),
        (lambda d: d.update(document="products"), "document", "should be 'campaigns'"),
    ],
)
def test_the_rest_of_the_document_is_checked_too(
    change: Callable[[dict[str, Any]], None], key: str, problem: str
) -> None:
    document = copy.deepcopy(DOCUMENT)
    change(document)
    refusal = refused(raw(document))
    assert (refusal.code, refusal.key) == ("invalid", key)
    assert problem in refusal.problem


def test_a_key_given_twice_is_not_quietly_the_last() -> None:
    refusal = refused(b'{"serial": 1, "serial": 2}')
    assert refusal.code == "malformed"
    assert "'serial' is there twice" in refusal.problem


@pytest.mark.parametrize("number", ["NaN", "-Infinity", "1e400"])
def test_what_is_no_number_is_not_handed_on(number: str) -> None:
    refusal = refused(raw(DOCUMENT).replace(b'"serial"', b'"more": %s, "serial"' % number.encode()))
    assert (refusal.code, f"{number} is no number" in refusal.problem) == ("malformed", True)


def test_content_may_come_before_or_after_campaigns_and_names_each_entry_once() -> None:
    words, campaigns = b'"content": {"w": {"en": {"title": "Hello"}}}', b'"campaigns": []'
    for parts in ((words, campaigns), (campaigns, words)):
        compiled = compile_campaigns(b'{"document": "campaigns", "serial": 1, ' + b", ".join(parts) + b"}")
        assert compiled.content == {"w": {"en": {"title": "Hello"}}}
    twice = refused(b'{"content": {"w": {}, "w": {}}}')
    assert (twice.code, "'w' is there twice" in twice.problem) == ("malformed", True)
    unnamed = refused(b'{"document": "campaigns", "serial": 1, "campaigns": [], "content": {"a b": {}}}')
    assert (unnamed.code, unnamed.key.partition(".")[0]) == ("invalid", "content")


@settings(deadline=None)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(), lambda v: st.lists(v) | st.dictionaries(st.text(), v)
    )
)
def test_no_json_does_worse_than_be_refused(value: object) -> None:
    for content in (raw(value), raw({**DOCUMENT, "content": value}), changed(trigger=value or 0, audience=value or 0)):
        with pytest.raises(DocumentRefused):
            compile_campaigns(content)


@pytest.mark.parametrize(
    ("keys", "hint"),
    [
        ({"cooldown_s": 0}, "Write more than 0"),
        ({"cooldown_s": 400 * 86_400}, "Write at most 31622400"),
        ({"caps": [{"scope": "member", "max": 0}]}, "Write at least 1"),
        ({"control_per_10000": 20_000}, "Write at most 10000"),
        ({"min_assurance": "sure"}, "Write one of these"),
        ({"priority": "high"}, "Correct the value"),
    ],
)
def test_what_to_write_instead_is_said(keys: dict[str, object], hint: str) -> None:
    assert refused(changed(**keys)).hint == hint
