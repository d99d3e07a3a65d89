"""What becomes of a code or tag that was read but says nothing the shop can use."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

KeptOutReason = Literal[
    "empty_tag",
    "foreign_address",
    "malformed_gs1",
    "not_a_product",
    "too_long",
    "unknown_coupon",
    "unknown_marker",
    "unknown_order",
    "unknown_text",
    "unreadable_tag",
    "code_clock_unset",
    "code_expired",
    "code_forged",
    "code_forged_issuer",
    "code_lasts_too_long",
    "code_malformed",
    "code_not_yet_valid",
    "code_other_challenge",
    "code_out_of_time",
    "code_replayed",
    "code_too_long",
    "code_too_late",
    "code_truncated",
    "code_unknown_issuer",
    "code_unknown_member",
    "code_wrong_audience",
    "code_wrong_store",
]
"""Those that begin with `code_` are of a member's code or pass."""

SAYS: Final[Mapping[KeptOutReason, str]] = {
    "code_clock_unset": "The gateway's clock is not set, so nothing says whether the code is of this moment.",
    "code_expired": "The app's credential has ended. Open the app with a connection once, so that it gets a new one.",
    "code_forged": "The code is not signed by the phone that the credential is for.",
    "code_forged_issuer": "The credential is not signed by the issuer that it names.",
    "code_lasts_too_long": "The credential is made to last for longer than seven days.",
    "code_malformed": "The code begins as a member's code, and goes on as none.",
    "code_not_yet_valid": "The app's credential begins later than now. Compare the clocks of head office and the shop.",
    "code_other_challenge": "The check-in is signed over another challenge than this connection's. Read a new one.",
    "code_out_of_time": "The code is more than a minute old, or ahead. Show it anew, and let the phone set its clock.",
    "code_replayed": "The code was shown here before. Let the app make a new one.",
    "code_too_long": "The code is longer than any that the app makes.",
    "code_too_late": "It was told so late that nobody knows any more whether it was shown before. Show a new one.",
    "code_truncated": "Part of the code is missing. Hold the whole of it in front of the reader.",
    "code_unknown_issuer": "The credential is of an issuer that this shop does not trust.",
    "code_unknown_member": "The shop does not know the member, or the member agreed to nothing.",
    "code_wrong_audience": "The credential is for another brand or service.",
    "code_wrong_store": "The credential is for another shop of the brand.",
}
"""For a person who holds up a member's code: why it is not taken, and what to do."""


@dataclass(frozen=True, slots=True)
class KeptOut:
    """A code or tag that changes nothing and is told to nobody. Its text is not in here, nor anywhere else."""

    reason: KeptOutReason
