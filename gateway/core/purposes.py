"""Purposes: what each means for the record of a consent, and which events rest on one."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from gateway.model.event import Event

PRESENCE: Final = "presence"
"""Without it a member is not recognised at all."""
OFFERS: Final = "offers"
ANALYTICS: Final = "analytics"
"""Without it a ticket is tied to no campaign."""
STAFF_ASSIST: Final = "staff_assist"
"""Without it nothing is kept for sellers to know of a member."""


@dataclass(frozen=True, slots=True)
class Purpose:
    """What ISO/IEC TS 27560:2023 asks of a purpose: its kind, what it processes, for how long, and who receives it."""

    category: str
    personal: tuple[str, ...]
    retention: str
    recipients: tuple[str, ...] = ("head office of the store",)


_WAITING = "here until head office has it, at most as long as its class of the outbox keeps it"
_LEDGER = "30 days here, or as ledger.days says"

PURPOSES: Final[Mapping[str, Purpose]] = {
    PRESENCE: Purpose("service provision", ("pseudonym", "visits", "zones of the shop"), _WAITING),
    OFFERS: Purpose("direct marketing", ("pseudonym", "offers made", "offers refused"), _LEDGER),
    ANALYTICS: Purpose("audience measurement", ("pseudonym", "visits", "effect of offers"), _WAITING),
    "retarget": Purpose("direct marketing", ("pseudonym", "campaigns seen elsewhere", "offers made"), _LEDGER),
    STAFF_ASSIST: Purpose(
        category="service provision",
        personal=("pseudonym", "wish list", "sizes"),
        retention="until head office takes the brief back",
        recipients=("staff of the store",),
    ),
}
"""By name, in the order in which they are shown."""


def rests_on(event: Event, purposes_of: Mapping[str, str]) -> frozenset[str]:
    """The purposes without which an event about a member is not told; empty where it rests on none.

    `purposes_of` are those of campaigns, by id; of others it is `offers`. What a member redeemed is bookkeeping, and
    that a visit ended for want of consent is told for the sake of the member, without where it led.
    """
    if event.subject is None or not event.subject.startswith("m."):
        return frozenset()
    if event.stream == "visit":
        return frozenset() if event.data.get("cause") == "consent" else frozenset({PRESENCE})
    if event.stream == "offer":
        campaign = str(event.data.get("campaign"))
        made = event.type != "offer.withheld"
        return frozenset({PRESENCE, purposes_of.get(campaign, OFFERS)} if made else {PRESENCE})
    return frozenset()
