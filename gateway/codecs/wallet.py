"""What a pass in a phone's wallet says: on its screen as a barcode that changes, or by NFC to a certified reader.

The pass says `PXW1:{handle}`; as a barcode, followed by when it was made and its one-time password, each after a colon
(Google Wallet, RotatingBarcode: `PXW1:HANDLE:{totp_timestamp_seconds}:{totp_value_0}`). The password's key lives as
long as the pass, so it is not in a shop, and nobody here can judge the password.
"""

import re
from dataclasses import dataclass, field
from typing import Final

from gateway.codecs.member_code import LONGEST_HANDLE, MemberCodeError

PASS_PREFIX: Final = "PXW1:"  # noqa: S105 - a pass of a wallet
_PASS: Final = re.compile(rf"PXW1:([^\s:]{{1,{LONGEST_HANDLE}}})(?::([0-9]{{1,12}}):[0-9]{{4,10}})?")


@dataclass(frozen=True, slots=True)
class WalletPass:
    """Whose pass it says it is (a handle), and when its barcode was made (seconds since 1970; None: no barcode)."""

    handle: str = field(repr=False)
    made_utc_s: float | None


def read_pass(text: str) -> WalletPass:
    """The pass that says `text`.

    Raises:
        MemberCodeError: `code_malformed`.
    """
    said = _PASS.fullmatch(text)
    if said is None:
        raise MemberCodeError("code_malformed")
    handle, made = said.groups()
    return WalletPass(handle, None if made is None else float(made))


def pass_text(handle: str, made_utc_s: float | None = None, password: str = "") -> str:
    """What a pass says: to a certified reader, or, with the instant and the password of it, as a barcode."""
    return PASS_PREFIX + handle + ("" if made_utc_s is None else f":{int(made_utc_s)}:{password}")
