"""What was read by a camera, scanner or reader, for this shop: its marker, a product, or what is kept out and why."""

from dataclasses import dataclass

from gateway.codecs.gs1 import Element
from gateway.codecs.meanings import MarkerCode, ProductCode, meaning_of
from gateway.codecs.ndef import NdefError, decode, texts
from gateway.core.shop import Shop
from gateway.model.documents import Marker
from gateway.model.meaning import KeptOut
from gateway.model.sighting import CodeText, NfcTag


@dataclass(frozen=True, slots=True)
class Reading:
    """A marker of the shop, a product's own code with its GS1 `elements`, or both: a product that has a marker."""

    marker: Marker | None
    elements: tuple[Element, ...] = ()


def read(token: CodeText | NfcTag, shop: Shop) -> Reading | KeptOut:
    """What a code or tag stands for here: of a tag, the first of its addresses and texts that stands for something."""
    if isinstance(token, CodeText):
        return _read_text(token.text, shop)
    try:
        said = texts(decode(token.ndef))
    except NdefError:
        return KeptOut("unreadable_tag")
    readings = [_read_text(text, shop) for text in said]
    return next((each for each in readings if isinstance(each, Reading)), next(iter(readings), KeptOut("empty_tag")))


def _read_text(text: str, shop: Shop) -> Reading | KeptOut:
    match meaning_of(text):
        case ProductCode(elements) as product:
            return Reading(shop.marker(product.gtin), elements)
        case MarkerCode(marker):
            known = shop.plan.markers.get(marker)
            return KeptOut("unknown_marker") if known is None else Reading(known)
        case kept_out:
            return kept_out
