"""A member's phone that checks in by connection, as a loyalty app does it in the background."""

from dataclasses import dataclass
from typing import Protocol

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from gateway.codecs.check_in import (
    ANSWER,
    CHALLENGE,
    CHECK_IN,
    SERVICE,
    Answer,
    read_answer,
    read_challenge,
    write_check_in,
    write_statement,
)
from gateway.codecs.hpke import Context
from gateway.codecs.member_code import write_credential
from simulators.member_card import MemberCard


class Central(Protocol):
    """What reads and writes attributes of whoever is connected to."""

    def connect(self, service: str) -> None:
        """Connect to whoever advertises this service."""

    async def read(self, uuid: str) -> bytes:
        """The whole value of a characteristic."""

    async def write(self, uuid: str, value: bytes) -> None:
        """Write one, and wait until it was taken."""


@dataclass(frozen=True, slots=True)
class Written:
    """What was written to `checkin`, and what opens the answer."""

    value: bytes
    context: Context


def prepare(card: MemberCard, challenge: bytes) -> Written:
    """The check-in of a card's member over a challenge as it was read."""
    credential = write_credential(card.credential, card.issuer, card.issuer_key)
    statement = write_statement(credential, challenge, card.phone_key)
    return Written(*write_check_in(statement, read_challenge(challenge).key, X25519PrivateKey.generate()))


async def check_in(phone: Central, card: MemberCard) -> Answer:
    """Connect, read the challenge, write the check-in, read the answer."""
    phone.connect(SERVICE)
    return await hand_over(phone, prepare(card, await phone.read(CHALLENGE)))


async def hand_over(phone: Central, written: Written) -> Answer:
    """Write a prepared check-in and read what came of it."""
    await phone.write(CHECK_IN, written.value)
    return read_answer(await phone.read(ANSWER), written.context)
