"""The one place that knows in which order a campaign is judged. Adding a rule is one file and one line here."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final

from gateway.core.offers import (
    assurance,
    audience,
    budget,
    caps,
    channel_caps,
    channels,
    clock,
    consent,
    control,
    cooldown,
    exclusive_group,
    holdout,
    language,
    minors,
    overall_caps,
    place,
    pressure,
    public_display,
    quiet_hours,
    scenario,
    schedule,
    sensitive,
    stacking,
    stock,
    stopped,
)
from gateway.core.offers.expression import Answers
from gateway.core.offers.facts import Facts, Refusal, Rule
from gateway.core.offers.snapshot import Snapshot
from gateway.core.offers.sticky import bucket, unit_of
from gateway.core.offers.tally import Tally
from gateway.core.offers.variants import variant_for
from gateway.model.decision import Decision, Exposure, Moment, Offered, Withheld
from gateway.model.documents import Campaign, Member
from gateway.model.time import Now

RULES: Final[tuple[Rule, ...]] = (
    stopped.refusal,
    consent.refusal,
    minors.refusal,
    sensitive.refusal,
    public_display.refusal,
    channels.refusal,
    assurance.refusal,
    clock.refusal,
    schedule.refusal,
    place.refusal,
    scenario.refusal,
    audience.refusal,
    stock.refusal,
    holdout.refusal,
    control.refusal,
    caps.refusal,
    overall_caps.refusal,
    channel_caps.refusal,
    cooldown.refusal,
    pressure.refusal,
    quiet_hours.refusal,
    budget.refusal,
    exclusive_group.refusal,
    stacking.refusal,
    language.refusal,
)
"""The first rule that refuses gives the reason; who may not be addressed at all is told apart before anything else."""


def decide(
    snapshot: Snapshot,
    moment: Moment,
    member: Member | None,
    exposures: Mapping[str, Exposure],
    groups_used: frozenset[str],
    now: Now,
    spent: Callable[[str], int] = lambda _: 0,
    in_stock: Callable[[str], int | None] = lambda _: None,
) -> tuple[Decision, ...]:
    """What each campaign that `moment` fires comes to, best first: an offer, or a refusal with its reason.

    `member` is the visitor's entry in the members document, None while no such document is in use (the handle
    is then taken as consenting). `exposures` are, by campaign, what this subject was offered before;
    `groups_used` are the exclusive groups of which this visit already had an offer (`Snapshot.groups_used`);
    `spent` gives, by campaign, the offers that this gateway made to everybody, `in_stock` how many there are here of a
    product (GTIN-14; None = nobody knows). A tag, or nobody, is decided
    nothing about. A pure function: the caller counts each `Offered` with `exposed`.
    """
    if moment.subject is None or not moment.subject.startswith("m."):
        return ()
    candidates = snapshot.fired_by(moment, member)
    if not candidates:
        return ()
    facts = _facts(snapshot, moment, moment.subject, member, exposures, groups_used, spent, in_stock, now)
    decisions: list[Decision] = []
    for campaign in candidates:
        refused = _first_refusal(campaign, facts)
        if refused is not None:
            decisions.append(_withheld(campaign, refused, facts))
            continue
        offered = _offered(campaign, facts)
        decisions.append(offered)
        facts = _after_offer(campaign, offered.channel, facts)
    return tuple(decisions)


def _facts(
    snapshot: Snapshot,
    moment: Moment,
    subject: str,
    member: Member | None,
    exposures: Mapping[str, Exposure],
    groups_used: frozenset[str],
    spent: Callable[[str], int],
    in_stock: Callable[[str], int | None],
    now: Now,
) -> Facts:
    local, document = snapshot.local_time(now), snapshot.campaigns
    capped = () if member is None else member.caps
    unit = unit_of(subject, member)
    day = local.date().isoformat()
    return Facts(
        snapshot=snapshot,
        moment=moment,
        subject=subject,
        member=member,
        exposures=exposures,
        tally=Tally.of(exposures.values(), snapshot.index.categories, day, moment.visit, capped),
        groups_used=groups_used,
        made=0,
        given=snapshot.given(moment.visit, exposures),
        spent=spent,
        stock=in_stock,
        now=now,
        local=local,
        day=day,
        clock=f"{local:%H:%M}",
        unit=unit,
        held_out=bucket(document.holdout_salt, unit) < document.holdout_per_10000,
        answers=Answers(member, moment),
    )


def _after_offer(campaign: Campaign, channel: str, facts: Facts) -> Facts:
    """What the next candidate is judged by, now that this one speaks."""
    group = campaign.exclusive_group
    return replace(
        facts,
        groups_used=facts.groups_used if group is None else facts.groups_used | {group},
        tally=facts.tally.plus(campaign.category, channel),
        made=facts.made + 1,
        given=facts.given | ({campaign.id} & facts.snapshot.index.giving),
    )


def _first_refusal(campaign: Campaign, facts: Facts) -> Refusal | None:
    for rule in RULES:
        refused = rule(campaign, facts)
        if refused is not None:
            return refused
    return None


def _withheld(campaign: Campaign, refused: Refusal, facts: Facts) -> Withheld:
    return Withheld(
        at=facts.moment.at,
        subject=facts.subject,
        visit=facts.moment.visit,
        campaign=campaign.id,
        moment=facts.moment.kind,
        reason=refused.reason,
        says=refused.says,
        values=refused.values,
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
