"""The campaigns document: who is told what, when and how often, and the words, from JSON."""

from typing import Any, Final, Literal

from pydantic import Field

from gateway.core.offers.index import CampaignIndex
from gateway.documents.campaign import CapForm, Share, compile_campaign, compile_cap
from gateway.documents.content import compile_content
from gateway.documents.elements import elements, utf8
from gateway.documents.form import Form, Name, fill, invalid
from gateway.model.documents import Campaign, Campaigns

DOCUMENT: Final = "campaigns"


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
    campaigns: list[Any]
    content: dict[Name, dict[str, Any]] = Field(default_factory=dict)


def compile_campaigns(raw: bytes) -> Campaigns:
    """The campaigns of `raw`, in order of id, each checked to name only what exists, with their index.

    Read and compiled one at a time, so that a thread that does it never holds up the others for long.

    Raises:
        DocumentRefused: `malformed` or `invalid`.
    """
    written: list[Any] = []
    heading: dict[str, Any] = {}
    for key, value in elements(utf8(raw, DOCUMENT), "campaigns", DOCUMENT):
        if key is None:
            written.append(value)
        else:
            heading[key] = value
    form = fill(_CampaignsForm, heading, DOCUMENT)
    content = compile_content(form.content, DOCUMENT)
    compiled: dict[str, Campaign] = {}
    for place, each in enumerate(written):
        campaign = compile_campaign(each, f"campaigns[{place}]", DOCUMENT, content)
        if campaign.id in compiled:
            problem = f"{campaign.id!r} is used twice"
            raise invalid(DOCUMENT, f"campaigns[{place}].id", problem, "Give each campaign its own id")
        compiled[campaign.id] = campaign
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
        index=CampaignIndex.of(ordered),
    )
