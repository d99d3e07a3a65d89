"""A small campaigns document to begin with: a greeting, a nudge after a dwell, a thank-you, a poster."""

import json
from collections.abc import Mapping
from typing import Final

_DAILY: Final = ({"scope": "member", "max": 1, "per": "day"},)
_ONCE_A_VISIT: Final = ({"scope": "visit", "max": 1},)

SAMPLE_CONTENT: Final[Mapping[str, Mapping[str, object]]] = {
    "welcome-a": {
        "moment": "aspire",
        "fr": {"title": "Bonjour", "body": "Contents de vous revoir. Un vendeur vous montre les nouveautés."},
        "en": {"title": "Welcome back", "body": "Good to see you again. Ask us what is new."},
    },
    "linger-a": {
        "moment": "decide",
        "fr": {"title": "Une question ?", "body": "Un vendeur vous apporte votre taille ici."},
        "en": {"title": "Need a size?", "body": "Somebody can bring it to you right here."},
    },
    "linger-b": {
        "moment": "decide",
        "fr": {"title": "Moins 10 %", "body": "Sur tout ce rayon, aujourd'hui."},
        "en": {"title": "10 % off", "body": "On everything in this aisle, today."},
    },
    "thanks-a": {
        "moment": "reward",
        "fr": {"title": "Merci", "body": "50 points pour votre passage."},
        "en": {"title": "Thank you", "body": "50 points for dropping by."},
    },
    "poster-a": {
        "moment": "inform",
        "fr": {"title": "Vu sur l'affiche", "body": "Essayez-la ici, à votre pointure."},
        "en": {"title": "Seen on the poster", "body": "Try it on here, in your size."},
    },
}
"""Words in French and English, by content id."""


def sample_campaigns(marker: str = "A7", dwell_s: float = 5.0) -> list[dict[str, object]]:
    """Four campaigns: for who enters an entrance, dwells `dwell_s` seconds at an aisle, checks in, scans `marker`."""
    percent = {"kind": "percent", "value": 10, "code": "single_use"}
    points = {"kind": "points", "value": 50}
    sneakers = "'sneakers' in member.segments"
    shown = ["app", "display"]
    return [
        campaign("welcome", {"zone_entered": {"kind": "entrance"}}, 50, _DAILY, channels=shown),
        campaign(
            "linger",
            {"zone_dwelled": {"kind": "aisle", "after_s": dwell_s}},
            30,
            _ONCE_A_VISIT,
            audience=sneakers,
            benefit=percent,
        ),
        campaign("thanks", {"checked_in": {}}, 20, _DAILY, benefit=points),
        campaign("poster", {"code_scanned": {"marker": marker}}, 10, _ONCE_A_VISIT, channels=shown),
    ]


def campaign(
    name: str,
    trigger: dict[str, object],
    priority: int,
    caps: tuple[dict[str, object], ...],
    bank: Mapping[str, object] = SAMPLE_CONTENT,
    **more: object,
) -> dict[str, object]:
    """A campaign whose variants, evenly weighted, are the content of `bank` that begins with its name."""
    arms = sorted(content.removeprefix(f"{name}-") for content in bank if content.startswith(f"{name}-"))
    return {
        "id": name,
        "purpose": "offers",
        "trigger": trigger,
        "priority": priority,
        "caps": list(caps),
        "variants": [{"id": arm, "weight": 1, "content": f"{name}-{arm}"} for arm in arms],
        "channels": ["app"],
    } | more


def campaigns_document(
    campaigns: list[dict[str, object]], serial: int, content: Mapping[str, object] = SAMPLE_CONTENT
) -> bytes:
    """The campaigns document (wire.md, "Campaigns") with this content; nobody is held out."""
    document = {
        "document": "campaigns",
        "serial": serial,
        "holdout": {"salt": "demo", "per_10000": 0},
        "campaigns": campaigns,
        "content": content,
    }
    return json.dumps(document, ensure_ascii=False, indent=1).encode()
