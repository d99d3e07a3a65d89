"""A member checks in over a connection: proven, for the challenge of that connection alone."""

from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gateway.codecs.check_in import write_statement
from gateway.codecs.cose import key_octets
from gateway.codecs.member_code import write_credential
from gateway.model.decision import Arrived
from gateway.model.documents import Member, Members
from gateway.model.inputs import DocumentReady
from gateway.model.issuers import Issuers
from gateway.model.meaning import SAYS, KeptOut
from gateway.model.sighting import PhoneCheckIn, Sighting
from simulators.member_card import MemberCard
from tests.core.shops import STARTED_UTC_S, Hand, open_shop

ISSUER = Ed25519PrivateKey.generate()
CARD = MemberCard.issue("q3lzt7", "proximity:acme/0042", "loyalty-2026", ISSUER, STARTED_UTC_S)
CHALLENGE = b"what the phone read"
DOCUMENTS = (
    DocumentReady("members", 1, "sha256:m", Members(1, {"q3lzt7": Member("q3lzt7", purposes=frozenset({"presence"}))})),
    DocumentReady("issuers", 1, "sha256:i", Issuers(1, {"loyalty-2026": key_octets(ISSUER.public_key())})),
)


def shop() -> Hand:
    hand = open_shop()
    hand.give(0.5, *DOCUMENTS)
    return hand


def said(card: MemberCard = CARD, challenge: bytes = CHALLENGE) -> Sighting:
    credential = write_credential(card.credential, card.issuer, card.issuer_key)
    return Sighting("ble", "rx-door", PhoneCheckIn(write_statement(credential, challenge, card.phone_key), CHALLENGE))


def answer(hand: Hand, sighting: Sighting) -> object:
    hand.give(10.0, sighting)
    return hand.steps[-1].answer


def test_it_begins_a_visit_where_the_receiver_is_and_proves_who_it_is() -> None:
    hand = shop()
    assert answer(hand, said()) == Arrived("m.q3lzt7", ())
    hand.give(11.0)
    (told,) = [event for event in hand.events if event.type == "visitor.checked_in"]
    assert (told.data["method"], told.data["assurance"], told.data["media"]) == ("connection", "proven", ["ble"])
    entered = [event.data["zone"] for event in hand.events if event.type == "zone.entered"]
    assert entered == ["door"]


REFUSED = {
    "code_other_challenge": said(challenge=b"another's"),
    "code_unknown_issuer": said(replace(CARD, issuer="nobody")),
    "code_forged_issuer": said(replace(CARD, issuer_key=Ed25519PrivateKey.generate())),
    "code_forged": said(replace(CARD, phone_key=Ed25519PrivateKey.generate())),
    "code_wrong_store": said(CARD.but(audience="proximity:acme/0043")),
    "code_wrong_audience": said(CARD.but(audience="proximity:other/0042")),
    "code_expired": said(CARD.but(ends_utc_s=STARTED_UTC_S - 51.0)),
    "code_not_yet_valid": said(CARD.but(begins_utc_s=STARTED_UTC_S + 71.0)),
    "code_lasts_too_long": said(CARD.but(ends_utc_s=STARTED_UTC_S + 8 * 86_400.0)),
    "code_unknown_member": said(CARD.but(handle="nobody")),
    "code_malformed": Sighting("ble", "rx-door", PhoneCheckIn(CARD.octets(STARTED_UTC_S), CHALLENGE)),
    "code_truncated": Sighting("ble", "rx-door", PhoneCheckIn(CARD.octets(STARTED_UTC_S)[:-5], CHALLENGE)),
}


@pytest.mark.parametrize("reason", REFUSED)
def test_what_is_refused_changes_nothing_and_says_why(reason: str) -> None:
    hand = shop()
    assert answer(hand, REFUSED[reason]) == KeptOut(reason)  # type: ignore[arg-type]
    assert (hand.steps[-1].changes, hand.steps[-1].events) == ((), ())
    assert reason in SAYS
