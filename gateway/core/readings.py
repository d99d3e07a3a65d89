"""What was read by a camera, scanner or reader, for this shop: a marker, a product, a code, or what is kept out."""

from dataclasses import dataclass

from gateway.codecs.gs1 import Element
from gateway.codecs.meanings import CouponCode, MarkerCode, OfMember, OrderCode, ProductCode, SignedCode, meaning_of
from gateway.codecs.member_code import RECORD_TYPE
from gateway.codecs.ndef import NdefError, OtherRecord, decode, texts
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
        return _read_text(token.text, shop)
    try:
        records = decode(token.ndef)
    except NdefError:
        return KeptOut("unreadable_tag")
    for record in records:
        if isinstance(record, OtherRecord) and record.type == RECORD_TYPE:
            return SignedCode(record.payload)
    readings = [_read_text(text, shop) for text in texts(records)]
    kept_out = next(iter(readings), KeptOut("empty_tag"))
    return next((each for each in readings if not isinstance(each, KeptOut)), kept_out)


def _read_text(text: str, shop: Shop) -> Understood | KeptOut:
    match meaning_of(text):
        case ProductCode(elements) as product:
            return Reading(shop.marker(product.gtin), elements)
        case MarkerCode(marker):
            known = shop.plan.markers.get(marker)
            return KeptOut("unknown_marker") if known is None else Reading(known)
        case OrderCode() | CouponCode() | SignedCode() | WalletPass() | KeptOut() as other:
            return other
