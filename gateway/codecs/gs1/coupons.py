"""North American coupons, the values of application identifiers 8110 and 8112.

Sources: GS1 US, North American Coupon Application Guideline Using GS1 DataBar Expanded Symbols; GS1, AI (8112) Coupon
Data Specification.
"""

from gateway.codecs.gs1.characters import is_decimal
from gateway.codecs.gs1.dates import date_problem


class CouponError(ValueError):
    """A coupon's data breaks its format; the message says which field and how."""


def check_coupon(digits: str) -> None:
    """Check the value of AI 8110, field by field.

    Raises:
        CouponError: a field is missing, cut short or out of range, or something is left over.
    """
    fields = _Fields(digits)
    fields.sized("0123456", 6, "company prefix")
    fields.take(6, "offer code")
    fields.sized("12345", 0, "save value")
    _purchase(fields, "first")
    if fields.tagged("1"):
        fields.one_of("0123", "additional purchase rule")
        _further_purchase(fields, "second")
    if fields.tagged("2"):
        _further_purchase(fields, "third")
    expires = _date(fields, "expiry date") if fields.tagged("3") else None
    starts = _date(fields, "start date") if fields.tagged("4") else None
    if fields.tagged("5"):
        fields.sized("0123456789", 6, "serial number")
    if fields.tagged("6"):
        fields.sized("1234567", 6, "retailer's prefix or location number")
    if fields.tagged("9"):
        _flags(fields)
    fields.finish()
    if expires is not None and starts is not None and expires < starts:
        msg = "it expires before it starts"
        raise CouponError(msg)


def check_positive_offer(digits: str) -> None:
    """Check the value of AI 8112, field by field.

    Raises:
        CouponError: as `check_coupon`.
    """
    fields = _Fields(digits)
    fields.one_of("01", "format")
    fields.sized("0123456", 6, "funder")
    fields.take(6, "offer code")
    fields.sized("0123456789", 6, "serial number")
    fields.finish()


class _Fields:
    """Digits read from left to right."""

    def __init__(self, digits: str) -> None:
        if not is_decimal(digits):
            msg = "a coupon's data is digits alone"
            raise CouponError(msg)
        self._left = digits

    def take(self, count: int, name: str) -> str:
        if len(self._left) < count:
            msg = f"the {name} has {len(self._left)} of its {count} digits"
            raise CouponError(msg)
        taken, self._left = self._left[:count], self._left[count:]
        return taken

    def one_of(self, allowed: str, name: str) -> str:
        digit = self.take(1, name)
        if digit not in allowed:
            msg = f"the {name} is {digit}, not one of {', '.join(allowed)}"
            raise CouponError(msg)
        return digit

    def sized(self, allowed: str, more: int, name: str) -> str:
        """What follows its own length: one of the digits `allowed`, and `more`."""
        return self.take(int(self.one_of(allowed, f"length of the {name}")) + more, name)

    def tagged(self, tag: str) -> bool:
        """Whether the optional field of this tag is next; its tag is read."""
        is_next = self._left.startswith(tag)
        self._left = self._left[is_next:]
        return is_next

    def finish(self) -> None:
        if self._left:
            msg = f"{len(self._left)} digits follow that belong to no field"
            raise CouponError(msg)


def _purchase(fields: _Fields, which: str) -> None:
    fields.sized("12345", 0, f"{which} purchase requirement")
    fields.one_of("012349", f"{which} purchase requirement code")
    fields.take(3, f"{which} purchase family code")


def _further_purchase(fields: _Fields, which: str) -> None:
    _purchase(fields, which)
    if not fields.tagged("9"):
        fields.sized("0123456", 6, f"{which} purchase company prefix")


def _date(fields: _Fields, name: str) -> str:
    digits = fields.take(6, name)
    if problem := date_problem(digits):
        msg = f"the {name}: {problem}"
        raise CouponError(msg)
    return digits


def _flags(fields: _Fields) -> None:
    fields.one_of("01256", "save value code")
    fields.one_of("012", "item that the save value applies to")
    fields.take(1, "store coupon flag")
    fields.one_of("01", "flag against multiplying")
