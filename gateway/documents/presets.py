"""Presets: campaigns that are there to be named, for people who write no expression."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

ONCE_A_DAY: Final = {"scope": "member", "max": 1, "per": "day"}
ONCE_A_VISIT: Final = {"scope": "visit", "max": 1}
EVENINGS: Final = {"push": ["20:00", "09:00"]}


@dataclass(frozen=True, slots=True)
class Preset:
    """A campaign but for its id: `keys` as in a campaigns document, `words` by language, `says` what it is for."""

    says: str
    keys: Mapping[str, object]
    words: Mapping[str, Mapping[str, str]] = field(repr=False)


def _words(fr_title: str, fr_body: str, en_title: str, en_body: str) -> dict[str, dict[str, str]]:
    return {"fr": {"title": fr_title, "body": fr_body}, "en": {"title": en_title, "body": en_body}}


def _preset(says: str, trigger: Mapping[str, object], words: dict[str, dict[str, str]], **more: object) -> Preset:
    keys = {"trigger": trigger, "priority": 50, "caps": [ONCE_A_DAY], "channels": ["app"]}
    return Preset(says, keys | more, words)


PRESETS: Final[Mapping[str, Preset]] = {
    "welcome": _preset(
        "Greets who comes in, once a day.",
        {"zone_entered": {"kind": "entrance"}},
        _words("Bonjour", "Heureux de vous revoir.", "Hello", "Good to see you."),
        exclusive_group="greeting",
    ),
    "back": _preset(
        "Greets who was here before, in place of the welcome.",
        {"came_back": {}},
        _words("Ravis de vous revoir", "Voici ce qui est nouveau.", "Good to see you again", "Here is what is new."),
        exclusive_group="greeting",
        priority=60,
    ),
    "shelf": _preset(
        "Says more of a product whose code is scanned.",
        {"code_scanned": {}},
        _words("Bon choix", "Avis, tailles et conseils.", "A good choice", "Reviews, sizes and advice."),
        caps=[ONCE_A_VISIT],
    ),
    "stock-out": _preset(
        "Rescues who scans a product or size that is sold out.",
        {"sold_out_scanned": {}},
        _words("Épuisé ici", "Nous la commandons pour vous.", "Sold out here", "We order it for you."),
        caps=[ONCE_A_VISIT],
        priority=80,
    ),
    "seen-online": _preset(
        "Tells who looked at a product online that it is here.",
        {"seen_online": {}},
        _words("Vu en ligne", "Il est ici, venez l’essayer.", "Seen online", "It is here: try it on."),
        priority=70,
    ),
    "wish": _preset(
        "Tells who stands near a product of their wish list that it is here.",
        {"near_wish": {"after_s": 20.0}},
        _words("Sur votre liste", "Tout près de vous.", "On your wish list", "Very near to you."),
        caps=[ONCE_A_VISIT],
    ),
    "advice": _preset(
        "Calls a seller to who stays for long and agreed to be advised.",
        {"zone_dwelled": {"after_s": 90.0}},
        _words("Un conseil ?", "Ce client hésite.", "A word of advice", "This customer hesitates."),
        caps=[ONCE_A_VISIT],
        purpose="staff_assist",
        channels=["staff"],
    ),
    "click-and-collect": _preset(
        "Tells who comes in that their order is ready.",
        {"order_arrived": {}},
        _words("Votre commande est prête", "Au comptoir de retrait.", "Your order is ready", "At the pick-up counter."),
        caps=[ONCE_A_VISIT],
        priority=90,
    ),
    "till": _preset(
        "Reminds who is at the till of their card and coupons.",
        {"at_till": {}},
        _words("Carte et bons", "Un seul code à montrer.", "Card and coupons", "One code to show."),
        caps=[ONCE_A_VISIT],
    ),
    "goodbye": _preset(
        "Thanks who leaves, and asks how it was.",
        {"left_shop": {}},
        _words("Merci !", "Votre avis vaut 20 points.", "Thank you!", "Your opinion earns 20 points."),
        benefit={"kind": "points", "value": 20},
        channels=["push"],
        quiet_hours=EVENINGS,
    ),
    "did-not-buy": _preset(
        "Writes to who left without buying and agreed to be reminded.",
        {"left_without_buying": {}},
        _words("Vous hésitez encore ?", "Nous le gardons pour vous.", "Still thinking?", "We keep it for you."),
        purpose="retarget",
        channels=["push"],
        quiet_hours=EVENINGS,
    ),
}
"""By name, in the order of a visit."""


def preset_document(name: str) -> dict[str, object]:
    """A campaigns document of serial 1 with one preset, under its own name.

    Raises:
        KeyError: there is none of that name.
    """
    preset = PRESETS[name]
    campaign = {"id": name, **preset.keys, "variants": [{"id": "a", "weight": 1, "content": name}]}
    return {"document": "campaigns", "serial": 1, "campaigns": [campaign], "content": {name: dict(preset.words)}}
