"""The one place that knows in which order a campaign is judged. Adding a rule is one file and one line here."""

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from gateway.core.offers import (
    assurance,
    audience,
    budget,
    caps,
    clock,
    consent,
    control,
    exclusive_group,
    holdout,
    language,
    minors,
    place,
    quiet_hours,
    schedule,
)
from gateway.core.offers.facts import Facts, Refusal, Rule
from gateway.core.offers.snapshot import Snapshot
from gateway.core.offers.variants import variant_for
from gateway.model.decision import Decision, Exposure, Moment, Offered, Withheld
from gateway.model.documents import Campaign, Member
from gateway.model.time import Now

RULES: Final[tuple[Rule, ...]] = (
    consent.refusal,
    minors.refusal,
    assurance.refusal,
    clock.refusal,
    schedule.refusal,
    place.refusal,
    audience.refusal,
    holdout.refusal,
    control.refusal,
    caps.refusal,
    quiet_hours.refusal,
    budget.refusal,
    exclusive_group.refusal,
    language.refusal,
)
"""The first rule that refuses gives the reason; who may not be addressed at all is told apart before anything else."""


def decide(
    snapshot: Snapshot,
    moment: Moment,
    member: Member | None,
    exposures: Callable[[str], Exposure | None],
    groups_used: frozenset[str],
    now: Now,
    spent: Callable[[str], int] = lambda _: 0,
) -> tuple[Decision, ...]:
    """What each campaign that `moment` fires comes to, best first: an offer, or a refusal with its reason.

    `member` is the visitor's entry in the members document, None while no such document is in use (the handle
    is then taken as consenting). `exposures` gives, by campaign, what this subject was offered before;
    `groups_used` are the exclusive groups of which this visit already had an offer (`Snapshot.groups_used`);
    `spent` gives, by campaign, the offers that this gateway made to everybody. A tag, or nobody, is decided
    nothing about. A pure function: the caller counts each `Offered` with `exposed`.
    """
    subject = moment.subject
    if subject is None or not subject.startswith("m."):
        return ()
    facts = Facts(snapshot, moment, subject, member, exposures, groups_used, spent, now, snapshot.local_time(now))
    decisions: list[Decision] = []
    for campaign in snapshot.fired_by(moment):
        refused = _first_refusal(campaign, facts)
        if refused is not None:
            decisions.append(_withheld(campaign, refused, facts))
            continue
        decisions.append(_offered(campaign, facts))
        if campaign.exclusive_group is not None:
            facts = replace(facts, groups_used=facts.groups_used | {campaign.exclusive_group})
    return tuple(decisions)


def _first_refusal(campaign: Campaign, facts: Facts) -> Refusal | None:
    return next((refused for rule in RULES if (refused := rule(campaign, facts)) is not None), None)


def _withheld(campaign: Campaign, refused: Refusal, facts: Facts) -> Withheld:
    return Withheld(
        at=facts.moment.at,
        subject=facts.subject,
        visit=facts.moment.visit,
        campaign=campaign.id,
        moment=facts.moment.kind,
        reason=refused.reason,
        says=refused.says,
        would_have_shown=refused.would_have_shown,
    )


def _offered(campaign: Campaign, facts: Facts) -> Offered:
    variant = variant_for(campaign, facts)
    return Offered(
        at=facts.moment.at,
        subject=facts.subject,
        visit=facts.moment.visit,
        campaign=campaign.id,
        moment=facts.moment.kind,
        variant=variant.id,
        content=variant.content,
        language=language.spoken(variant.content, facts) or "",
        channel=quiet_hours.open_channel(campaign, facts) or "",
    )
