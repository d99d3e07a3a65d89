"""What makes the demo's shop a story: products, stock, orders and briefs, and campaigns for the moments they make."""

import json
from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Final

from gateway.model.time import rfc3339
from simulators.campaigns import campaign
from simulators.members import InventedMember

TRAINERS: Final = "09506000134352"
SOLD_OUT: Final = "09506000134369"
"""The trainers in the size that everybody wants."""
SCARF: Final = "09506000134376"
BRAND_COUPONS: Final = tuple(f"SPRING-{number:03}" for number in range(1, 201))
"""Each is good once in all shops of the brand: head office locks it for one of them."""
ORDER_CODE: Final = "7731"
"""What the customer of the demo's order shows for it."""

PRODUCTS: Final[tuple[Mapping[str, object], ...]] = (
    {"gtin": TRAINERS, "names": {"en": "Trainers, 42", "fr": "Baskets, 42"}, "price": 89.9, "complements": [SCARF]},
    {"gtin": SOLD_OUT, "names": {"en": "Trainers, 43", "fr": "Baskets, 43"}, "price": 89.9, "alternatives": [TRAINERS]},
    {"gtin": SCARF, "names": {"en": "Scarf", "fr": "Écharpe"}, "price": 29.9},
)

STORY_CONTENT: Final[Mapping[str, Mapping[str, object]]] = {
    "ready-a": {
        "moment": "inform",
        "fr": {"title": "Votre commande est prête", "body": "Au comptoir de retrait ; on vous y attend."},
        "en": {"title": "Your order is ready", "body": "At the pick-up counter; somebody knows you are here."},
    },
    "rescue-a": {
        "moment": "inform",
        "fr": {
            "title": "Plus de 43 ici",
            "body": "Le 42 est là, le 43 tout près : on vous le commande.",
        },
        "en": {"title": "No 43 left here", "body": "There is a 42, and a 43 in the shop nearby: we can order it."},
    },
    "online-a": {
        "moment": "inform",
        "fr": {"title": "Vu en ligne, ici en rayon", "body": "Ce qui manquait en ligne vous attend ici."},
        "en": {"title": "Seen online, here in the shop", "body": "What was sold out online waits for you here."},
    },
    "advice-a": {
        "moment": "inform",
        "fr": {"title": "Un conseil", "body": "Près de ce que ce membre a mis de côté."},
        "en": {"title": "A word of advice", "body": "Near to what this member has put aside."},
    },
    "till-a": {
        "moment": "transact",
        "fr": {"title": "Un seul code en caisse", "body": "Carte et bons dans le même code."},
        "en": {"title": "One code at the till", "body": "Card and coupons in the same code."},
    },
    "spring-a": {
        "moment": "transact",
        "fr": {"title": "5 € de moins", "body": "Un bon, une fois, dans tous nos magasins."},
        "en": {"title": "5 € off", "body": "One coupon, once, in all our shops."},
    },
    "goodbye-a": {
        "moment": "thank",
        "fr": {"title": "À bientôt", "body": "Votre avis vaut 20 points."},
        "en": {"title": "See you soon", "body": "Your opinion earns 20 points."},
    },
    "basket-a": {
        "moment": "persuade",
        "fr": {"title": "Vous hésitez encore ?", "body": "Les baskets vous attendent, à votre pointure."},
        "en": {"title": "Still thinking about it?", "body": "The trainers wait for you, in your size."},
    },
    "back-a": {
        "moment": "aspire",
        "fr": {"title": "Ravis de vous revoir", "body": "Dites-nous si quelque chose a manqué."},
        "en": {"title": "Good to see you again", "body": "Tell us if anything was missing."},
    },
}
"""Words in French and English, by content id."""


def story_campaigns() -> list[dict[str, object]]:
    """A campaign for each moment of the demo that a plain shop does not have."""
    once = ({"scope": "visit", "max": 1},)
    staff = {"purpose": "staff_assist", "channels": ["staff"]}
    digests = [sha256(coupon.encode()).hexdigest()[:32] for coupon in BRAND_COUPONS]
    coupons = {"digests": digests, "scope": "brand", "offline_up_to": 5.0}
    five_off = {"kind": "amount", "value": 5}
    parting = {"channels": ["push", "app"]}
    return [
        campaign("ready", {"order_arrived": {}}, 90, once, STORY_CONTENT),
        campaign("rescue", {"sold_out_scanned": {}}, 80, once, STORY_CONTENT),
        campaign("online", {"seen_online": {}}, 70, once, STORY_CONTENT),
        campaign("advice", {"near_wish": {"after_s": 6}}, 60, once, STORY_CONTENT, **staff),
        campaign("till", {"at_till": {}}, 40, once, STORY_CONTENT),
        campaign("back", {"came_back": {}}, 30, once, STORY_CONTENT),
        campaign(
            "spring",
            {"code_scanned": {"marker": "spring"}},
            30,
            once,
            STORY_CONTENT,
            codes=coupons,
            benefit=five_off,
            cost=5.0,
        ),
        campaign("goodbye", {"left_shop": {}}, 5, once, STORY_CONTENT, **parting),
        campaign("basket", {"left_without_buying": {}}, 4, once, STORY_CONTENT, purpose="retarget", **parting),
    ]


def products_document(serial: int) -> bytes:
    """The products document of the demo."""
    products = [{"currency": "EUR", **each} for each in PRODUCTS]
    document = {"document": "products", "serial": serial, "products": products}
    return json.dumps(document, ensure_ascii=False).encode()


def feeds(
    members: Mapping[str, InventedMember], store: str, now_utc_s: float
) -> dict[str, Sequence[Mapping[str, object]]]:
    """All rows of each feed: one size is sold out here, an order lies ready, and some members have wishes."""
    at = rfc3339(now_utc_s)
    brief = {"sizes": {"shoes": "42"}, "last_categories": ["running"], "contacts_24h": 0}
    return {
        "stock": [
            {"gtin": TRAINERS, "store": store, "quantity": 3, "at": at},
            {"gtin": SOLD_OUT, "store": store, "quantity": 0, "at": at},
            {"gtin": SOLD_OUT, "store": "0043", "quantity": 2, "at": at},
            {"gtin": SCARF, "store": store, "quantity": 5, "at": at},
        ],
        "orders": [
            {
                "order": "o-2041",
                "handle": members["dario"].handle,
                "state": "arrived",
                "lines": [{"gtin": TRAINERS, "quantity": 1}],
                "code": ORDER_CODE,
            }
        ],
        "briefs": [
            {"handle": members["elif"].handle, "wish_list": [SCARF], **brief},
            {"handle": members["chloe"].handle, "wish_list": [SCARF], "seen_online": [SCARF], **brief},
        ],
    }
