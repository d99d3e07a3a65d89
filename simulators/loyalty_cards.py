"""The loyalty cards of a shop's members, on their phones: taken on head office's word, held to a reader."""

import time
from collections.abc import Mapping

from gateway.model.sighting import NfcTag
from simulators.box.happenings import Presented
from simulators.head_office import HeadOffice
from simulators.member_card import CardIssuer
from simulators.members import InventedMember


class LoyaltyCards:
    """A card for each member, good for a day."""

    def __init__(self, office: HeadOffice, members: Mapping[str, InventedMember], utc_s: float) -> None:
        """Head office tells its gateways whose word to take, from `utc_s` (seconds since 1970) on."""
        issuer, serial = CardIssuer(), int(utc_s)
        office.publish_document("issuers", issuer.document(serial), serial)
        self._cards = {name: issuer.card(member.handle, office.store, utc_s) for name, member in members.items()}

    def tapped(self, name: str, t_s: float, reader: str) -> Presented:
        """Somebody's phone on a reader; what it hands over is new each time."""
        return Presented(t_s, reader, NfcTag(self._cards[name].message(time.time())))
