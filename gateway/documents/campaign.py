"""One campaign of the campaigns document: its form, and what it compiles to."""

from collections.abc import Mapping
from fractions import Fraction
from typing import Annotated, Any, Final, Literal

from pydantic import Field

from gateway.core.offers.expression import compile_audience
from gateway.documents.form import Form, Name, fill, invalid
from gateway.documents.gtin import gtin_14
from gateway.documents.schedule import ScheduleForm, compile_instant, compile_quiet_hours, compile_schedule
from gateway.documents.trigger import compile_trigger
from gateway.model.amount import amount_of, exact
from gateway.model.documents import PURPOSES, Campaign, Cap, Codes, Follows, Lease, StockWanted, Variant
from gateway.model.visit import Assurance

Share = Annotated[int, Field(ge=0, le=10_000)]
Seconds = Annotated[float, Field(gt=0, le=366 * 86_400)]

BENEFITS: Final = ("percent", "amount", "n_for_m", "threshold", "gift", "points", "none")
"""The kinds of benefit; what else a benefit says is handed on as written."""
ALL_PERCENT: Final = 100

_NEEDS: Final = {"staff": "staff_assist", "left_without_buying": "retarget"}
"""The purpose that a member must have agreed to where a campaign speaks to staff, or of what was not bought."""


class CapForm(Form):
    """A cap as written; `category` only where it holds over several campaigns."""

    scope: Literal["member", "visit"]
    max: int = Field(ge=1)
    per: Literal["day", "ever"] | None = None
    category: Name | None = None


class _VariantForm(Form):
    id: Name
    weight: int = Field(ge=0, le=1_000_000)
    content: str


class _BudgetForm(Form):
    kind: Literal["usage", "spend"]
    lease: float = Field(ge=0)
    each: float | None = Field(default=None, gt=0)
    until: str | None = None


class _FollowsForm(Form):
    campaign: Name
    within_s: Seconds | None = None


class _StockForm(Form):
    product: str
    sold_out: bool = False


class _CodesForm(Form):
    digests: list[Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]] = Field(min_length=1, max_length=100_000)
    once: bool = True
    scope: Literal["shop", "brand"] = "shop"
    offline_up_to: float = Field(default=0.0, ge=0, le=1e6)


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
    category: Name | None = None
    exclusive_group: Name | None = None
    caps: list[CapForm] = Field(default_factory=list)
    cooldown_s: Seconds | None = None
    follows: _FollowsForm | None = None
    stock: _StockForm | None = None
    quiet_hours: dict[Name, list[str]] = Field(default_factory=dict)
    control_per_10000: Share = 0
    channels: list[Name] = Field(default=["app"], min_length=1)
    budget: _BudgetForm | None = None
    benefit: dict[str, Any] | None = None
    codes: _CodesForm | None = None
    stopped: bool = False
    stores: list[Name] = Field(default_factory=list)
    stacking: Literal["free", "alone"] = "free"
    cost: float | None = Field(default=None, gt=0, le=1e9)


def compile_campaign(written: object, key: str, document: str, content: Mapping[str, object]) -> Campaign:
    """The campaign written at `key` of `document`, whose words are in `content`.

    Raises:
        DocumentRefused: `invalid`, with the key that is wrong.
    """
    form = fill(_CampaignForm, written, document, key)
    _check_words(form, key, document)
    _check_purpose(form, key, document)
    return Campaign(
        id=form.id,
        trigger=compile_trigger(form.trigger, f"{key}.trigger", document),
        variants=_variants(form, key, document, content),
        purpose=form.purpose,
        audience=_audience(form.audience, f"{key}.audience", document),
        schedule=compile_schedule(form.schedule, f"{key}.schedule", document),
        zones=frozenset(form.zones),
        min_assurance=Assurance[form.min_assurance.upper()],
        priority=form.priority,
        category=form.category,
        exclusive_group=form.exclusive_group,
        caps=tuple(_own_cap(cap, f"{key}.caps[{number}]", document) for number, cap in enumerate(form.caps)),
        cooldown_s=form.cooldown_s,
        follows=None if form.follows is None else Follows(form.follows.campaign, form.follows.within_s),
        stock=None if form.stock is None else _stock(form.stock, f"{key}.stock", document),
        quiet_hours=compile_quiet_hours(form.quiet_hours, f"{key}.quiet_hours", document),
        lease=None if form.budget is None else _lease(form.budget, form.cost, f"{key}.budget", document),
        control_per_10000=form.control_per_10000,
        channels=tuple(form.channels),
        benefit=form.benefit,
        codes=None if form.codes is None else _codes(form.codes, f"{key}.codes", document),
        stopped=form.stopped,
        stores=frozenset(form.stores),
        alone=form.stacking == "alone",
        cost=None if form.cost is None else exact(form.cost),
    )


def compile_cap(form: CapForm, key: str, document: str) -> Cap:
    """The cap written at `key` of `document`.

    Raises:
        DocumentRefused: `invalid`: a cap a visit that also names a time.
    """
    if form.scope == "visit" and form.per is not None:
        problem = "a cap of scope visit counts the visit"
        raise invalid(document, f"{key}.per", problem, 'Leave per out, or write scope = "member"')
    return Cap(form.scope, form.max, form.per or "ever", form.category)


def _own_cap(form: CapForm, key: str, document: str) -> Cap:
    if form.category is not None:
        problem = "a campaign's own cap counts that campaign"
        hint = "Leave category out, or write the cap beside campaigns"
        raise invalid(document, f"{key}.category", problem, hint)
    return compile_cap(form, key, document)


def _check_words(form: _CampaignForm, key: str, document: str) -> None:
    if form.purpose not in PURPOSES:
        hint = f"Write one of {', '.join(sorted(PURPOSES))}"
        raise invalid(document, f"{key}.purpose", f"there is no purpose {form.purpose!r}", hint)
    if form.benefit is not None and form.benefit.get("kind") not in BENEFITS:
        problem = f"{form.benefit.get('kind')!r} is no kind of benefit"
        raise invalid(document, f"{key}.benefit.kind", problem, f"Write one of {', '.join(BENEFITS)}")
    if form.benefit is not None and form.benefit["kind"] == "percent":
        _check_percent(form.benefit.get("value"), f"{key}.benefit.value", document)
    if form.benefit is not None and form.benefit["kind"] == "points":
        _check_points(form.benefit.get("value"), f"{key}.benefit.value", document)


def _check_percent(value: object, key: str, document: str) -> None:
    """A till takes it off a price, of which nothing less than nothing may be left; without a value it has its own."""
    if isinstance(value, int | float) and not 0 < value <= ALL_PERCENT:
        problem = f"{value:g} per cent cannot be taken off a price"
        raise invalid(document, key, problem, f"Write more than 0 and at most {ALL_PERCENT}")


def _check_points(value: object, key: str, document: str) -> None:
    """They are added up for the member who earns them."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return
    try:
        amount_of(value)
    except ValueError as error:
        raise invalid(document, key, "so many points cannot be added up", str(error).capitalize()) from error


def _check_purpose(form: _CampaignForm, key: str, document: str) -> None:
    """What may be done with some things needs its own agreement, whatever the writers had in mind."""
    for word, purpose in _NEEDS.items():
        if word in {*form.channels, *form.trigger} and form.purpose != purpose:
            problem = f"it is {form.purpose!r}, and {word!r} needs {purpose!r}"
            raise invalid(document, f"{key}.purpose", problem, f"Write {purpose}, or take another trigger or channel")


def _variants(form: _CampaignForm, key: str, document: str, content: Mapping[str, object]) -> tuple[Variant, ...]:
    seen: set[str] = set()
    for number, variant in enumerate(form.variants):
        at = f"{key}.variants[{number}]"
        if variant.id in seen:
            raise invalid(document, f"{at}.id", f"{variant.id!r} is used twice", "Give each variant its own id")
        if variant.content not in content:
            problem = f"there is no content {variant.content!r}"
            raise invalid(document, f"{at}.content", problem, "Add it to content, or name one that is there")
        seen.add(variant.id)
    if not any(variant.weight for variant in form.variants):
        raise invalid(document, f"{key}.variants", "every weight is 0", "Give at least one variant a weight above 0")
    return tuple(Variant(variant.id, variant.weight, variant.content) for variant in form.variants)


def _codes(form: _CodesForm, key: str, document: str) -> Codes:
    brand = form.scope == "brand"
    if brand and not form.once:
        raise invalid(document, f"{key}.scope", "what is good more than once needs no lock", 'Write scope = "shop"')
    if form.offline_up_to and not brand:
        problem = "codes of the shop's own are always good offline"
        raise invalid(document, f"{key}.offline_up_to", problem, 'Leave it out, or write scope = "brand"')
    return Codes(frozenset(form.digests), form.once, brand, exact(form.offline_up_to))


def _lease(form: _BudgetForm, cost: float | None, key: str, document: str) -> Lease:
    until_utc_s = compile_instant(form.until, f"{key}.until", document)
    if form.kind == "spend":
        each = form.each or cost
        if each is None:
            hint = "Say what each offer costs at most, here or as the campaign's cost"
            raise invalid(document, f"{key}.each", "this key is missing", hint)
        return Lease(Fraction(exact(form.lease)) // Fraction(exact(each)), until_utc_s)
    if form.each is not None or form.lease != int(form.lease):
        problem = "a budget of kind usage is a number of offers"
        raise invalid(document, key, problem, 'Write a whole lease and no each, or kind = "spend"')
    return Lease(int(form.lease), until_utc_s)


def _stock(form: _StockForm, key: str, document: str) -> StockWanted:
    try:
        return StockWanted(gtin_14(form.product), form.sold_out)
    except ValueError as error:
        hint = "Write the number under the product's bar code"
        raise invalid(document, f"{key}.product", str(error), hint) from error


def _audience(source: str | None, key: str, document: str) -> object:
    if source is None:
        return None
    try:
        return compile_audience(source)
    except ValueError as error:
        hint = "Correct the expression, or leave audience out for everybody"
        raise invalid(document, key, str(error), hint) from error
