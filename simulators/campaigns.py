"""A small campaigns document to begin with: a greeting, a nudge after a dwell, a thank-you, a poster."""

import json
from collections.abc import Mapping
from typing import Final

_DAILY: Final = ({"scope": "member", "max": 1, "per": "day"},)
_ONCE_A_VISIT: Final = ({"scope": "visit", "max": 1},)

SAMPLE_CONTENT: Final[Mapping[str, Mapping[str, object]]] = {
    "welcome-a": {
        "moment": "aspire",
        "fr": {"title": "Bonjour", "body": "Contents de vous revoir. Les nouveautés sont au centre."},
        "en": {"title": "Welcome back", "body": "Good to see you again. What is new stands in the centre."},
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
        "moment": "inspire",
        "fr": {"title": "Vu sur l'affiche", "body": "La chaussure est au rayon nord."},
        "en": {"title": "Seen on the poster", "body": "The shoe is in the north aisle."},
    },
}
"""Words in French and English, by content id."""


def sample_campaigns(marker: str = "A7", dwell_s: float = 5.0) -> list[dict[str, object]]:
    """Four campaigns: on entering an entrance, on dwelling `dwell_s` seconds, on checking in, on scanning `marker`."""
    return [
        {
            "id": "welcome",
            "purpose": "offers",
            "trigger": {"zone_entered": {"kind": "entrance"}},
            "min_assurance": "proximate",
            "priority": 50,
            "caps": list(_DAILY),
            "variants": [{"id": "a", "weight": 1, "content": "welcome-a"}],
            "channels": ["app", "display"],
        },
        {
            "id": "linger",
            "purpose": "offers",
            "trigger": {"zone_dwelled": {"after_s": dwell_s}},
            "audience": "'sneakers' in member.segments",
            "priority": 30,
            "caps": list(_ONCE_A_VISIT),
            "variants": [
                {"id": "a", "weight": 1, "content": "linger-a"},
                {"id": "b", "weight": 1, "content": "linger-b"},
            ],
            "benefit": {"kind": "percent", "value": 10, "code": "single_use"},
            "channels": ["app"],
        },
        {
            "id": "thanks",
            "purpose": "offers",
            "trigger": {"checked_in": {}},
            "priority": 20,
            "caps": list(_DAILY),
            "variants": [{"id": "a", "weight": 1, "content": "thanks-a"}],
            "benefit": {"kind": "points", "value": 50},
            "channels": ["app"],
        },
        {
            "id": "poster",
            "purpose": "offers",
            "trigger": {"code_scanned": {"marker": marker}},
            "priority": 10,
            "caps": list(_ONCE_A_VISIT),
            "variants": [{"id": "a", "weight": 1, "content": "poster-a"}],
            "channels": ["app"],
        },
    ]


def campaigns_document(campaigns: list[dict[str, object]], serial: int) -> bytes:
    """The campaigns document (wire.md, "Campaigns") with the sample content; nobody is held out."""
    document = {
        "document": "campaigns",
        "serial": serial,
        "holdout": {"salt": "demo", "per_10000": 0},
        "campaigns": campaigns,
        "content": SAMPLE_CONTENT,
    }
    return json.dumps(document, ensure_ascii=False, indent=1).encode()
