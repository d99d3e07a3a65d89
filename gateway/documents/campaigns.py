"""The campaigns document: who is told what, when and how often, and the words, from JSON."""

from collections.abc import Mapping
from typing import Annotated, Any, Final, Literal

from pydantic import Field

from gateway.core.offers.audience import compile_audience
from gateway.documents.content import compile_content
from gateway.documents.form import Form, Name, fill, invalid, read_json
from gateway.documents.schedule import ScheduleForm, compile_quiet_hours, compile_schedule
from gateway.documents.trigger import compile_trigger
from gateway.model.documents import PURPOSES, Campaign, Campaigns, Cap, Variant
from gateway.model.visit import Assurance

DOCUMENT: Final = "campaigns"

Share = Annotated[int, Field(ge=0, le=10_000)]


class _HoldoutForm(Form):
    salt: str = Field(min_length=1)
    per_10000: Share


class _CapForm(Form):
    scope: Literal["member", "visit"]
    max: int = Field(ge=1)
    per: Literal["day", "ever"] | None = None


class _VariantForm(Form):
    id: Name
    weight: int = Field(ge=0, le=1_000_000)
    content: str


class _BudgetForm(Form):
    kind: Literal["usage"]
    lease: int = Field(ge=0)


class _CampaignForm(Form):
    id: Name
    trigger: dict[str, dict[str, Any]]
    variants: list[_VariantForm] = Field(min_length=1)
    purpose: str = "offers"
    audience: str | None = None
    schedule: ScheduleForm = ScheduleForm()
    zones: list[str] = Field(default_factory=list)
    min_assurance: Literal["claimed", "proximate", "proven"] = "proximate"
    priority: int = 0
    exclusive_group: Name | None = None
    caps: list[_CapForm] = Field(default_factory=list)
    quiet_hours: dict[Name, list[str]] = Field(default_factory=dict)
    control_per_10000: Share = 0
    channels: list[Name] = Field(default=["app"], min_length=1)
    budget: _BudgetForm | None = None
    benefit: dict[str, Any] | None = None


class _CampaignsForm(Form):
    document: Literal["campaigns"]
    serial: int = Field(ge=0)
    holdout: _HoldoutForm | None = None
    campaigns: list[_CampaignForm]
    content: dict[Name, dict[str, Any]] = Field(default_factory=dict)


BENEFITS: Final = ("percent", "amount", "n_for_m", "threshold", "gift", "points", "none")
"""The kinds of benefit; what else a benefit says is handed on as written."""


def compile_campaigns(raw: bytes) -> Campaigns:
    """The campaigns of `raw`, in order of id, each checked to name only what exists.

    Raises:
        DocumentRefused: `malformed` or `invalid`.
    """
    form = fill(_CampaignsForm, read_json(raw, DOCUMENT), DOCUMENT)
    content = compile_content(form.content, DOCUMENT)
    compiled: dict[str, Campaign] = {}
    for place, campaign in enumerate(form.campaigns):
        key = f"campaigns[{place}]"
        if campaign.id in compiled:
            raise invalid(DOCUMENT, f"{key}.id", f"{campaign.id!r} is used twice", "Give each campaign its own id")
        compiled[campaign.id] = _campaign(campaign, key, content)
    return Campaigns(
        serial=form.serial,
        campaigns=tuple(compiled[name] for name in sorted(compiled)),
        content=content,
        holdout_salt=form.holdout.salt if form.holdout is not None else "",
        holdout_per_10000=form.holdout.per_10000 if form.holdout is not None else 0,
    )


def _campaign(form: _CampaignForm, key: str, content: Mapping[str, object]) -> Campaign:
    if form.purpose not in PURPOSES:
        hint = f"Write one of {', '.join(sorted(PURPOSES))}"
        raise invalid(DOCUMENT, f"{key}.purpose", f"there is no purpose {form.purpose!r}", hint)
    if form.benefit is not None and form.benefit.get("kind") not in BENEFITS:
        problem = f"{form.benefit.get('kind')!r} is no kind of benefit"
        raise invalid(DOCUMENT, f"{key}.benefit.kind", problem, f"Write one of {', '.join(BENEFITS)}")
    return Campaign(
        id=form.id,
        trigger=compile_trigger(form.trigger, f"{key}.trigger", DOCUMENT),
        variants=_variants(form, key, content),
        purpose=form.purpose,
        audience=_audience(form.audience, f"{key}.audience"),
        schedule=compile_schedule(form.schedule, f"{key}.schedule", DOCUMENT),
        zones=frozenset(form.zones),
        min_assurance=Assurance[form.min_assurance.upper()],
        priority=form.priority,
        exclusive_group=form.exclusive_group,
        caps=tuple(_cap(cap, f"{key}.caps[{number}]") for number, cap in enumerate(form.caps)),
        quiet_hours=compile_quiet_hours(form.quiet_hours, f"{key}.quiet_hours", DOCUMENT),
        lease=form.budget.lease if form.budget is not None else None,
        control_per_10000=form.control_per_10000,
        channels=tuple(form.channels),
        benefit=form.benefit,
    )


def _variants(form: _CampaignForm, key: str, content: Mapping[str, object]) -> tuple[Variant, ...]:
    seen: set[str] = set()
    for number, variant in enumerate(form.variants):
        at = f"{key}.variants[{number}]"
        if variant.id in seen:
            raise invalid(DOCUMENT, f"{at}.id", f"{variant.id!r} is used twice", "Give each variant its own id")
        if variant.content not in content:
            problem = f"there is no content {variant.content!r}"
            raise invalid(DOCUMENT, f"{at}.content", problem, "Add it to content, or name one that is there")
        seen.add(variant.id)
    if not any(variant.weight for variant in form.variants):
        raise invalid(DOCUMENT, f"{key}.variants", "every weight is 0", "Give at least one variant a weight above 0")
    return tuple(Variant(variant.id, variant.weight, variant.content) for variant in form.variants)


def _cap(form: _CapForm, key: str) -> Cap:
    if form.scope == "visit" and form.per is not None:
        problem = "a cap of scope visit counts the visit"
        raise invalid(DOCUMENT, f"{key}.per", problem, 'Leave per out, or write scope = "member"')
    return Cap(form.scope, form.max, form.per or "ever")


def _audience(source: str | None, key: str) -> object:
    if source is None:
        return None
    try:
        return compile_audience(source)
    except ValueError as error:
        raise invalid(
            DOCUMENT, key, str(error), "Correct the expression, or leave audience out for everybody"
        ) from error
