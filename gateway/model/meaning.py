"""What becomes of a code or tag that was read but says nothing the shop can use."""

from dataclasses import dataclass
from typing import Literal

KeptOutReason = Literal[
    "coupon_code",
    "empty_tag",
    "foreign_address",
    "malformed_gs1",
    "member_code",
    "not_a_product",
    "order_code",
    "too_long",
    "unknown_marker",
    "unknown_text",
    "unreadable_tag",
]


@dataclass(frozen=True, slots=True)
class KeptOut:
    """A code or tag that changes nothing and is told to nobody. Its text is not in here, nor anywhere else."""

    reason: KeptOutReason
