"""A member's code or pass held up in the shop: who it is, once, here and now; refused with a reason otherwise."""

from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gateway.codecs.cose import key_octets
from gateway.codecs.member_code import RECORD_TYPE
from gateway.codecs.ndef import OtherRecord, TextRecord, encode
from gateway.codecs.wallet import pass_text
from gateway.core.member_codes import KEPT_S, MOST_KEPT
from gateway.model.documents import Member, Members
from gateway.model.event import Event
from gateway.model.inputs import DocumentReady, Started
from gateway.model.issuers import Issuers, ShownCode
from gateway.model.meaning import KeptOut
from gateway.model.sighting import NFC_WALLET, PASS, CodeText, NfcTag, Sighting
from gateway.model.time import rfc3339
from simulators.member_card import MemberCard, barcode
from tests.core.shops import STARTED_UTC_S, Hand, heard, new_engine, open_shop

ISSUER = Ed25519PrivateKey.generate()
ISSUERS = Issuers(1, {"loyalty-2026": key_octets(ISSUER.public_key())})
MEMBERS = Members(1, {each: Member(each, purposes=frozenset({"presence"})) for each in ("q3lzt7", "w8mmxa")})
CARD = MemberCard.issue("q3lzt7", "proximity:acme/0042", "loyalty-2026", ISSUER, STARTED_UTC_S)
DOCUMENTS = (DocumentReady("members", 1, "sha256:m", MEMBERS), DocumentReady("issuers", 1, "sha256:i", ISSUERS))
PASS_KEY = b"12345678901234567890"


def shop() -> Hand:
    hand = open_shop()
    hand.give(0.5, *DOCUMENTS)
    return hand


def shown(text: str, receiver: str = "rx-door") -> Sighting:
    return Sighting("code", receiver, CodeText("qr_code", text))


def at(mono_s: float) -> float:
    return STARTED_UTC_S + mono_s


def answer(hand: Hand, mono_s: float, sighting: Sighting) -> object:
    hand.give(mono_s, sighting)
    return hand.steps[-1].answer


def checked_in(events: list[Event]) -> Event:
    (told,) = [event for event in events if event.type == "visitor.checked_in"]
    return told


def test_a_signed_code_proves_who_it_is_and_begins_a_visit_where_it_was_shown() -> None:
    hand = shop()
    events = hand.give(10.0, shown(CARD.text(at(10.0)))) + hand.give(11.0)
    told = checked_in(events)
    assert told.subject == "m.q3lzt7"
    assert (told.data["method"], told.data["assurance"], told.data["media"]) == ("code", "proven", ["code"])
    assert [event.type for event in events] == ["visit.started", "visitor.checked_in", "zone.entered"]
    assert {event.data["assurance"] for event in events} == {"proven"}
    assert events[-1].data["zone"] == "door"


def test_nobody_arrives_by_a_code_under_a_document_that_is_over() -> None:
    hand = shop()
    over = replace(MEMBERS, serial=2, valid_until_utc_s=at(5.0))
    hand.give(1.0, DocumentReady("members", 2, "sha256:m2", over))
    assert answer(hand, 10.0, shown(CARD.text(at(10.0)))) == KeptOut("code_unknown_member")
    assert not [event for event in hand.events if event.subject]
    hand.give(11.0, DocumentReady("members", 3, "sha256:m3", replace(over, serial=3, valid_until_utc_s=None)))
    assert checked_in(hand.give(12.0, shown(CARD.text(at(12.0))))).subject == "m.q3lzt7"


def test_the_same_by_nfc_as_a_record_or_as_words() -> None:
    for record in (OtherRecord(RECORD_TYPE, CARD.octets(at(10.0))), TextRecord("en", CARD.text(at(10.0)))):
        told = checked_in(shop().give(10.0, Sighting("nfc", "rx-door", NfcTag(encode(record)))))
        assert (told.subject, told.data["method"], told.data["assurance"]) == ("m.q3lzt7", "tag", "proven")


def test_assurance_travels_on_every_event_of_the_visit() -> None:
    hand = shop()
    hand.give(10.0, shown(CARD.text(at(10.0))))
    hand.give(4_000.0)
    of_member = [event for event in hand.events if event.subject == "m.q3lzt7"]
    assert {event.type for event in of_member} >= {"visit.started", "zone.entered", "zone.left", "visit.ended"}
    assert {event.data["assurance"] for event in of_member} == {"proven"}


REFUSED = {
    "code_unknown_issuer": replace(CARD, issuer="nobody").text(at(10.0)),
    "code_forged_issuer": replace(CARD, issuer_key=Ed25519PrivateKey.generate()).text(at(10.0)),
    "code_forged": replace(CARD, phone_key=Ed25519PrivateKey.generate()).text(at(10.0)),
    "code_wrong_store": CARD.but(audience="proximity:acme/0043").text(at(10.0)),
    "code_wrong_audience": CARD.but(audience="proximity:other/0042").text(at(10.0)),
    "code_expired": CARD.but(ends_utc_s=at(-51.0)).text(at(10.0)),
    "code_not_yet_valid": CARD.but(begins_utc_s=at(71.0)).text(at(10.0)),
    "code_lasts_too_long": CARD.but(ends_utc_s=at(8 * 86_400.0)).text(at(10.0)),
    "code_unknown_member": CARD.but(handle="nobody").text(at(10.0)),
    "code_out_of_time": CARD.text(at(-51.0)),
    "code_truncated": CARD.text(at(10.0))[:-30],
    "code_too_long": CARD.text(at(10.0)) + "0" * 1_024,
    "code_malformed": "PX1:no code",
}


@pytest.mark.parametrize("reason", REFUSED)
def test_what_is_refused_changes_nothing_and_says_why(reason: str):
    hand = shop()
    assert answer(hand, 10.0, shown(REFUSED[reason])) == KeptOut(reason)  # type: ignore[arg-type]
    assert (hand.steps[-1].changes, hand.steps[-1].events) == ((), ())


@pytest.mark.parametrize(("shown_s", "taken"), [(-50.0, True), (-51.0, False), (70.0, True), (71.0, False)])
def test_clocks_may_be_a_minute_apart(shown_s: float, taken: bool):
    assert (answer(shop(), 10.0, shown(CARD.text(at(shown_s)))) == KeptOut("code_out_of_time")) is not taken


def late(age_s: float, made_s: float = 10.0) -> Sighting:
    """What a satellite tells, `age_s` after it was shown."""
    return replace(shown(CARD.text(at(made_s))), age_s=age_s)


def test_a_code_that_a_satellite_tells_late_is_judged_by_when_it_was_read() -> None:
    hand = shop()
    events = hand.give(310.0, late(300.0)) + hand.give(1_000.0)
    assert {event.data["evidence_at"] for event in events if event.subject} == {rfc3339(at(10.0))}
    assert [event.type for event in events if event.subject][:2] == ["visit.started", "visitor.checked_in"]
    assert answer(shop(), 310.0, late(200.0)) == KeptOut("code_out_of_time")


def test_told_after_a_visit_would_be_over_it_is_told_on_and_starts_nothing() -> None:
    hand = shop()
    (told,) = hand.give(7_210.0, late(7_200.0))
    assert (told.type, told.subject, told.time_utc_s) == ("visitor.checked_in", "m.q3lzt7", at(10.0))
    assert (told.data["visit"], told.data["zone"], told.data["assurance"]) == (None, "door", "proven")
    assert not [kind for kind, _ in hand.folded if kind in {"visit", "presence"}]


def test_a_code_told_late_counts_once_whoever_told_of_it_first() -> None:
    hand, code = shop(), shown(CARD.text(at(10.0)))
    assert answer(hand, 10.0, code) == ()
    hand.give(4_000.0, shown(CARD.text(at(4_000.0))))
    assert answer(hand, 7_230.0, replace(code, age_s=7_200.0)) == KeptOut("code_replayed")
    other = shop()
    assert answer(other, 7_230.0, replace(code, age_s=7_200.0)) == ()
    assert answer(other, 7_231.0, replace(code, age_s=7_201.0)) == KeptOut("code_replayed")


def test_a_code_told_later_than_codes_are_known_is_not_taken() -> None:
    assert answer(shop(), 10.0 + KEPT_S, late(KEPT_S)) == ()
    assert answer(shop(), 11.0 + KEPT_S, late(KEPT_S + 1.0)) == KeptOut("code_too_late")


def test_a_credential_for_every_shop_of_the_brand_is_good() -> None:
    assert answer(shop(), 10.0, shown(CARD.but(audience="proximity:acme").text(at(10.0)))) == ()


def test_a_member_who_did_not_agree_is_not_recognised() -> None:
    hand = shop()
    members = Members(2, {"q3lzt7": Member("q3lzt7", purposes=frozenset())})
    hand.give(1.0, DocumentReady("members", 2, "sha256:n", members))
    assert answer(hand, 10.0, shown(CARD.text(at(10.0)))) == KeptOut("code_unknown_member")


def test_an_issuer_that_head_office_took_back_is_unknown() -> None:
    hand = shop()
    hand.give(1.0, DocumentReady("issuers", 2, "sha256:j", Issuers(2, {})))
    assert answer(hand, 10.0, shown(CARD.text(at(10.0)))) == KeptOut("code_unknown_issuer")


def test_with_its_clock_unset_the_gateway_takes_no_code() -> None:
    hand = shop()
    hand.clock = "unset"
    assert answer(hand, 10.0, shown(CARD.text(at(10.0)))) == KeptOut("code_clock_unset")


def test_a_code_is_taken_once_and_the_next_one_again() -> None:
    hand = shop()
    text = CARD.text(at(10.0))
    assert answer(hand, 10.0, shown(text)) == ()
    assert answer(hand, 20.0, shown(text, "rx-shoes")) == KeptOut("code_replayed")
    assert answer(hand, 30.0, shown(CARD.text(at(30.0)))) == ()


def test_a_code_is_taken_once_across_a_restart_within_its_time() -> None:
    hand = shop()
    text = CARD.text(at(10.0))
    hand.give(10.0, shown(text))
    again = Hand(new_engine(hand.folded.values()), boot_id="boot-2", offset_s=at(20.0), folded=dict(hand.folded))
    again.give(0.0, *DOCUMENTS, Started("again"))
    assert answer(again, 5.0, shown(text)) == KeptOut("code_replayed")


def test_codes_are_forgotten_when_they_cannot_be_shown_again() -> None:
    hand = shop()
    hand.give(10.0, shown(CARD.text(at(10.0))))
    assert [kind for kind, _ in hand.folded if kind == "shown_code"] == ["shown_code"]
    first = {key for key in hand.folded if key[0] == "shown_code"}
    hand.give(11.0 + KEPT_S, shown(CARD.text(at(11.0 + KEPT_S))))
    assert not first & set(hand.folded)


def test_with_too_many_codes_the_one_made_first_goes_and_none_as_old_is_taken_any_more() -> None:
    crowd = [ShownCode(f"{number:032x}", at(100.0 + number + KEPT_S)) for number in range(MOST_KEPT)]
    hand = Hand(new_engine(crowd), folded={("shown_code", (each.digest,)): each for each in crowd})
    hand.give(0.0, *DOCUMENTS, Started("test"))
    first, second = (("shown_code", (each.digest,)) for each in crowd[:2])
    now_s = 100.0 + MOST_KEPT
    assert answer(hand, now_s, late(now_s - 100.0, made_s=100.0)) == KeptOut("code_too_late")
    assert answer(hand, now_s, shown(CARD.text(at(now_s)))) == ()
    assert first not in hand.folded
    assert second in hand.folded
    assert len([kind for kind, _ in hand.folded if kind == "shown_code"]) == MOST_KEPT


def test_nothing_of_a_code_is_in_what_is_kept_or_told() -> None:
    hand = shop()
    text = CARD.text(at(10.0))
    hand.give(10.0, shown(text))
    assert text[4:40] not in repr(hand.steps)
    assert CARD.octets(at(10.0))[-20:].hex() not in repr(hand.steps)
    (kept,) = [record for (kind, _), record in hand.folded.items() if kind == "shown_code"]
    assert "q3lzt7" not in repr(kept)


def test_a_pass_on_a_screen_is_a_claim() -> None:
    told = checked_in(shop().give(10.0, shown(barcode("q3lzt7", PASS_KEY, at(10.0)))))
    assert (told.subject, told.data["assurance"], told.data["method"]) == ("m.q3lzt7", "claimed", "code")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (pass_text("q3lzt7"), "code_out_of_time"),
        (barcode("q3lzt7", PASS_KEY, STARTED_UTC_S - 150.0), "code_out_of_time"),
        (barcode("q3lzt7", PASS_KEY, STARTED_UTC_S + 150.0), "code_out_of_time"),
        (barcode("nobody", PASS_KEY, STARTED_UTC_S), "code_unknown_member"),
    ],
)
def test_a_still_picture_of_a_pass_is_refused(text: str, reason: str):
    assert answer(shop(), 10.0, shown(text)) == KeptOut(reason)  # type: ignore[arg-type]


def test_a_pass_that_a_certified_reader_took_is_proven() -> None:
    told = checked_in(shop().give(10.0, Sighting(NFC_WALLET, "rx-door", CodeText(PASS, pass_text("q3lzt7")))))
    assert (told.data["assurance"], told.data["method"], told.data["media"]) == ("proven", "wallet", ["nfc.wallet"])


def test_a_certified_reader_hands_over_nothing_but_passes() -> None:
    hand = shop()
    assert answer(hand, 10.0, Sighting(NFC_WALLET, "rx-door", CodeText(PASS, "A7"))) == KeptOut("unknown_text")


def test_a_claim_never_lowers_what_was_proven() -> None:
    hand = shop()
    hand.give(10.0, shown(CARD.text(at(10.0))))
    hand.give(20.0, shown(barcode("q3lzt7", PASS_KEY, at(20.0))))
    hand.give(4_000.0)
    (ended,) = [event for event in hand.events if event.type == "visit.ended"]
    assert ended.data["assurance"] == "proven"


def test_the_fob_is_as_it_was() -> None:
    hand = shop()
    hand.give(10.0, heard("rx-door", -50.0), shown(CARD.text(at(10.0))))
    assert {event.subject for event in hand.give(11.0)} >= {"b.fob", "m.q3lzt7"}
