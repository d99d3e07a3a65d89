"""What happens in a shop that something can sense, and where everybody truly is. Times are seconds since the begin."""

from dataclasses import dataclass
from typing import Literal

from gateway.model.sighting import AppReport, CodeText, NfcTag
from simulators.radio import Place


@dataclass(frozen=True, slots=True)
class Packet:
    """A receiver hears one advertisement."""

    t_s: float
    receiver: str
    address: str
    rssi_dbm: int
    payload: bytes


@dataclass(frozen=True, slots=True)
class Reported:
    """The app on a member's phone tells which beacons it hears; `name` is the person's."""

    t_s: float
    name: str
    report: AppReport


@dataclass(frozen=True, slots=True)
class Presented:
    """Somebody holds a code to a camera, or a tag to a reader."""

    t_s: float
    receiver: str
    token: CodeText | NfcTag

    @property
    def medium(self) -> Literal["code", "nfc"]:
        """By which it is sensed."""
        return "nfc" if isinstance(self.token, NfcTag) else "code"


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """The truth: `subject` (a member's handle or a tag) is in `zone`, at `at`; both None while nobody can say."""

    t_s: float
    subject: str
    zone: str | None
    at: Place | None


Happening = Packet | Reported | Presented | Whereabouts
