"""`GET /v1/offers`: what a member was offered and can still use, best first."""

from collections.abc import Awaitable, Callable, Container, Iterable, Mapping
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends
from typing_extensions import TypedDict

from gateway.core.desk.help import STAFF
from gateway.core.offers.open import open_until_utc_s
from gateway.model.decision import Decision, Offered
from gateway.model.documents import Campaign
from gateway.model.time import rfc3339
from gateway.web.credentials import Credential
from gateway.web.door import Door
from gateway.web.in_force import InForce

DecidedFor = Callable[[str], Awaitable[Iterable[Decision]]]
"""What was decided for a subject, newest first: read from the ledger, so it is committed."""


class Why(TypedDict):
    """The moment that made the offer, and when it was."""

    moment: str
    at: str


class OpenOffer(TypedDict):
    """An offer in the member's language; `until` is when it ends."""

    campaign: str
    variant: str
    content: str
    language: str
    words: Mapping[str, str]
    channel: str
    benefit: Mapping[str, object] | None
    until: str
    why: Why


class OpenOffers(TypedDict):
    """Best first."""

    offers: list[OpenOffer]


def offers_route(
    door: Door,
    decided_for: DecidedFor,
    in_force: InForce,
    utc_s: Callable[[], float],
    agreed: Callable[[str], Container[str]],
) -> APIRouter:
    """The route; `utc_s` is the shop's time (seconds since 1970), `agreed` a member's purposes by its handle."""
    router = APIRouter()

    @router.get("/v1/offers")
    async def get_offers(member: Annotated[Credential, Depends(door.admit("member"))]) -> OpenOffers:
        """The member's open offers, best first: their campaign still runs, and its words are still there."""
        subject = str(member.subject)
        decisions = [each for each in await decided_for(subject) if each.subject == subject]
        return OpenOffers(offers=open_offers(decisions, in_force, utc_s(), agreed(subject.removeprefix("m."))))

    return router


async def best_offer(
    subject: str,
    decided_for: DecidedFor,
    in_force: InForce,
    utc_s: Callable[[], float],
    agreed: Callable[[str], Container[str]],
) -> OpenOffer | None:
    """The best of a member's open offers, which `GET /v1/offers` tells first; None where it has none."""
    decisions = [each for each in await decided_for(subject) if each.subject == subject]
    return next(iter(open_offers(decisions, in_force, utc_s(), agreed(subject.removeprefix("m.")))), None)


def open_offers(
    decisions: Iterable[Decision], in_force: InForce, now_utc_s: float, agreed: Container[str]
) -> list[OpenOffer]:
    """Of `decisions`, newest first, the newest offer of each campaign that is open at `now_utc_s`, best first.

    None of a campaign whose purpose the member has not `agreed` to.
    """
    newest: dict[str, Offered] = {}
    for decision in decisions:
        if isinstance(decision, Offered) and decision.channel != STAFF:
            newest.setdefault(decision.campaign, decision)
    timezone = ZoneInfo(in_force.floorplan.timezone)
    best_first = sorted(
        (campaign for campaign in in_force.campaigns.values() if campaign.id in newest and campaign.purpose in agreed),
        key=lambda campaign: (-campaign.priority, campaign.id),
    )
    found = (_open_offer(newest[each.id], each, in_force, timezone, now_utc_s) for each in best_first)
    return [offer for offer in found if offer is not None]


def _open_offer(
    offered: Offered, campaign: Campaign, in_force: InForce, timezone: ZoneInfo, now_utc_s: float
) -> OpenOffer | None:
    words = in_force.words(offered)
    until_utc_s = open_until_utc_s(campaign, offered.at.utc_s, timezone)
    if words is None or now_utc_s >= until_utc_s:
        return None
    return OpenOffer(
        campaign=offered.campaign,
        variant=offered.variant,
        content=offered.content,
        language=words[0],
        words=words[1],
        channel=offered.channel,
        benefit=campaign.benefit,
        until=rfc3339(until_utc_s),
        why=Why(moment=offered.moment, at=rfc3339(offered.at.utc_s)),
    )
