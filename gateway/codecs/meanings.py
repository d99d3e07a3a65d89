"""What a scanned or tapped text may stand for, by its form alone: a marker, a product, an order, a coupon, a member.

No address is ever fetched. A marker's own address counts by its path, since the same page has another host inside the
shop: `…/m/{marker}`. In the same way `…/o/{order}` is an order's and `…/c/{code}` a coupon's or prize's.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import quote, unquote, urlsplit

from gateway.codecs.gs1 import Element, Gs1Error, read_gs1
from gateway.codecs.gs1.element_string import is_element_string
from gateway.codecs.member_code import PREFIX, RECORD_TYPE, MemberCodeError, code_octets
from gateway.codecs.ndef import OtherRecord, decode, texts
from gateway.codecs.wallet import PASS_PREFIX, WalletPass, read_pass
from gateway.model.meaning import KeptOut

MAX_TEXT_CHARS: Final = 2048
MAX_MARKER_CHARS: Final = 64

_GTIN: Final = "01"
_OF_THE_ITEM: Final = frozenset({_GTIN, "10", "11", "13", "15", "16", "17", "20", "21", "22"})
"""Of a product's code only what says which item it is: variant, batch, serial, dates (GS1 General Specifications 3).
Keys of people, deliveries and companies' own are left out."""
_MEASURES: Final = re.compile(r"3[1-6]\d\d|39[235]\d")
"""Weights and measures, prices: four-digit keys of the same chapter."""
_COUPONS: Final = frozenset({"255", "8110", "8112"})
_MARKER: Final = re.compile(r"[\w.~-]+")
_WEB: Final = ("http://", "https://")
_BLANKS: Final = " \t\r\n"
"""Not FNC1, which `str.strip` takes for white space."""


@dataclass(frozen=True, slots=True)
class MarkerCode:
    """The id of what may be one of the shop's markers."""

    id: str


@dataclass(frozen=True, slots=True)
class ProductCode:
    """A product's own code: which item, in GS1's keys and values as they appear; one is its GTIN-14."""

    elements: tuple[Element, ...]

    @property
    def gtin(self) -> str:
        """The GTIN of 14 digits."""
        return dict(self.elements)[_GTIN]


@dataclass(frozen=True, slots=True)
class OrderCode:
    """What may be an order to be fetched here: its name, or what its customer was given to show."""

    code: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class CouponCode:
    """What may be a coupon's or prize's code: of an address, or the value of a GS1 coupon."""

    code: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class SignedCode:
    """The bytes of what begins as a member's signed code; neither form nor signatures are judged yet."""

    octets: bytes = field(repr=False)


OfMember = SignedCode | WalletPass
Meaning = MarkerCode | ProductCode | OrderCode | CouponCode | OfMember | KeptOut

_PATHS: Final[Mapping[str, Callable[[str], Meaning]]] = {"m": MarkerCode, "o": OrderCode, "c": CouponCode}


def meaning_of(text: str) -> Meaning:
    """What `text` (of a code, or an address or words on a tag) may stand for; it never raises.

    A product counts in every form of GS1's: Digital Link, element string, EAN, UPC. Any text that has the form of a
    marker's id (up to 64 letters, digits and `_.~-`) may be one. More than 2,048 characters are not looked at.
    """
    if len(text) > MAX_TEXT_CHARS:
        return KeptOut("too_long")
    text = text.strip(_BLANKS)
    if text.startswith((PREFIX, PASS_PREFIX)):
        return _of_member(text)
    is_address = text[:8].lower().startswith(_WEB)
    try:
        return _of_gs1(read_gs1(text).elements)
    except Gs1Error:
        if is_address:
            return _of_address(text)
        if is_element_string(text):
            return KeptOut("malformed_gs1")
    return MarkerCode(text) if _is_marker(text) else KeptOut("unknown_text")


def meanings_of(ndef: bytes) -> tuple[Meaning, ...]:
    """What a tag (its NDEF message) may stand for: a member's record first, then each address and text in order.

    Raises:
        NdefError: the message cannot be read.
    """
    records = decode(ndef)
    signed = (each.payload for each in records if isinstance(each, OtherRecord) and each.type == RECORD_TYPE)
    return (*map(SignedCode, signed), *map(meaning_of, texts(records)))


def marker_address(site: str, marker: str) -> str:
    """The address that a code or tag of the marker holds; `site` is the shop's pages' (`https://shop.example`).

    Raises:
        ValueError: `marker` cannot be a marker's id, or `site` is no web address or too long.
    """
    address = f"{site.rstrip('/')}/m/{quote(marker, safe='')}"
    if meaning_of(address) != MarkerCode(marker):
        msg = f"{address} leads to no marker: give a web address, and an id of letters, digits and _.~- (at most 64)"
        raise ValueError(msg)
    return address


def _of_member(text: str) -> OfMember | KeptOut:
    try:
        return SignedCode(code_octets(text)) if text.startswith(PREFIX) else read_pass(text)
    except MemberCodeError as error:
        return KeptOut(error.reason)


def _of_gs1(elements: tuple[Element, ...]) -> ProductCode | CouponCode | KeptOut:
    coupon = next((value for key, value in elements if key in _COUPONS), None)
    if coupon is not None:
        return CouponCode(coupon)
    if all(key != _GTIN for key, _ in elements):
        return KeptOut("not_a_product")
    return ProductCode(tuple((key, value) for key, value in elements if key in _OF_THE_ITEM or _MEASURES.match(key)))


def _of_address(address: str) -> Meaning:
    try:
        path = urlsplit(address).path
    except ValueError:
        return KeptOut("foreign_address")
    *before, last = (unquote(segment) for segment in path.rstrip("/").split("/"))
    of_kind = _PATHS.get(before[-1]) if before else None
    if of_kind is None or not _is_marker(last):
        return KeptOut("foreign_address")
    return of_kind(last)


def _is_marker(text: str) -> bool:
    return len(text) <= MAX_MARKER_CHARS and _MARKER.fullmatch(text) is not None
