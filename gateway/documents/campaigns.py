"""The campaigns document: who is told what, when and how often, and the words, from JSON."""

from collections.abc import Iterator
from typing import Any, Final, Literal, TypeVar

from pydantic import Field

from gateway.core.offers.index import CampaignIndex
from gateway.documents.campaign import CapForm, Share, compile_campaign, compile_cap
from gateway.documents.content import compile_entry
from gateway.documents.elements import Entry, elements, utf8
from gateway.documents.form import Form, Name, fill, invalid
from gateway.model.documents import Campaign, Campaigns
from gateway.model.slices import Slices, done

DOCUMENT: Final = "campaigns"

Read = TypeVar("Read")


class _HoldoutForm(Form):
    salt: str = Field(min_length=1)
    per_10000: Share


class _CampaignsForm(Form):
    document: Literal["campaigns"]
    serial: int = Field(ge=0)
    holdout: _HoldoutForm | None = None
    stopped: bool = False
    caps: list[CapForm] = Field(default_factory=list)
    contacts_per_day: int | None = Field(default=None, ge=0)
    at_once: int | None = Field(default=None, ge=1)
    campaigns: list[Any]
    content: dict[Name, dict[str, Any]] = Field(default_factory=dict)


def compile_campaigns(raw: bytes) -> Campaigns:
    """The campaigns of `raw`, in order of id, each checked to name only what exists, with their index.

    Raises:
        DocumentRefused: `malformed` or `invalid`.
    """
    return done(campaigns_in_slices(raw))


def campaigns_in_slices(raw: bytes) -> Slices[Campaigns]:
    """As `compile_campaigns`, one campaign or entry of the content at a time.

    Raises:
        DocumentRefused: as `compile_campaigns`.
    """
    written, bank, heading = yield from _read(raw)
    form = fill(_CampaignsForm, heading, DOCUMENT)
    content: dict[str, dict[str, dict[str, str]]] = {}
    for entry in _taken(bank):
        content[entry.name] = compile_entry(entry.name, entry.value, DOCUMENT)
        yield
    compiled: dict[str, Campaign] = {}
    for place, each in enumerate(_taken(written)):
        campaign = compile_campaign(each, f"campaigns[{place}]", DOCUMENT, content)
        if campaign.id in compiled:
            problem = f"{campaign.id!r} is used twice"
            raise invalid(DOCUMENT, f"campaigns[{place}].id", problem, "Give each campaign its own id")
        compiled[campaign.id] = campaign
        yield
    ordered = tuple(compiled[name] for name in sorted(compiled))
    return Campaigns(
        serial=form.serial,
        campaigns=ordered,
        content=content,
        holdout_salt=form.holdout.salt if form.holdout is not None else "",
        holdout_per_10000=form.holdout.per_10000 if form.holdout is not None else 0,
        stopped=form.stopped,
        caps=tuple(compile_cap(cap, f"caps[{number}]", DOCUMENT) for number, cap in enumerate(form.caps)),
        contacts_per_day=form.contacts_per_day,
        at_once=form.at_once,
        index=(yield from CampaignIndex.in_slices(ordered)),
    )


def parts_of(campaigns: Campaigns) -> list[object]:
    """What most of the memory of `campaigns` is in: each campaign, its words, its places in the index."""
    index: CampaignIndex | None = campaigns.index
    places = () if index is None else (*index.by_trigger.values(), *index.by_segment.values())
    return [*places, *campaigns.content.values(), *campaigns.campaigns]


def _taken(written: list[Read]) -> Iterator[Read]:
    """Each in turn, taken out of the list: to let go of all of them at once would take as long as many slices."""
    written.reverse()
    while written:
        yield written.pop()


def _read(raw: bytes) -> Slices[tuple[list[Any], list[Entry], dict[str, Any]]]:
    """The campaigns as written, the entries of the content, and what else the document says."""
    written: list[Any] = []
    bank: list[Entry] = []
    heading: dict[str, Any] = {}
    for key, value in elements(utf8(raw, DOCUMENT), "campaigns", DOCUMENT, bank="content"):
        if isinstance(value, Entry):
            bank.append(value)
        elif key is None:
            written.append(value)
        else:
            heading[key] = value
        yield
    return written, bank, heading
