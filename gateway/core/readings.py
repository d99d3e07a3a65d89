"""What was read by a camera, scanner or reader, for this shop: a marker, a product, a code, or what is kept out."""

from dataclasses import dataclass

from gateway.codecs.gs1 import Element
from gateway.codecs.meanings import (
    CouponCode,
    MarkerCode,
    Meaning,
    OfMember,
    OrderCode,
    ProductCode,
    SignedCode,
    meaning_of,
    meanings_of,
)
from gateway.codecs.ndef import NdefError
from gateway.codecs.wallet import WalletPass
from gateway.core.shop import Shop
from gateway.model.documents import Marker
from gateway.model.meaning import KeptOut
from gateway.model.sighting import CodeText, NfcTag


@dataclass(frozen=True, slots=True)
class Reading:
    """A marker of the shop, a product's own code with its GS1 `elements`, or both: a product that has a marker."""

    marker: Marker | None
    elements: tuple[Element, ...] = ()


Understood = Reading | OrderCode | CouponCode | OfMember


def read(token: CodeText | NfcTag, shop: Shop) -> Understood | KeptOut:
    """What a code or tag stands for here: of a tag, the first of its codes, addresses and texts that stands for one.

    Orders, coupons and members are what their form says; whether the shop knows them is yet to be judged.
    """
    if isinstance(token, CodeText):
        return _here(meaning_of(token.text), shop)
    try:
        readings = [_here(each, shop) for each in meanings_of(token.ndef)]
    except NdefError:
        return KeptOut("unreadable_tag")
    kept_out = next(iter(readings), KeptOut("empty_tag"))
    return next((each for each in readings if not isinstance(each, KeptOut)), kept_out)


def _here(meaning: Meaning, shop: Shop) -> Understood | KeptOut:
    match meaning:
        case ProductCode(elements) as product:
            return Reading(shop.marker(product.gtin), elements)
        case MarkerCode(marker):
            known = shop.plan.markers.get(marker)
            return KeptOut("unknown_marker") if known is None else Reading(known)
        case OrderCode() | CouponCode() | SignedCode() | WalletPass() | KeptOut() as other:
            return other
