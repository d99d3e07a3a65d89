"""Everything that can change the shop's state: the engine takes one of these at a time, on one timeline."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

from gateway.model.commands import Command
from gateway.model.consent import PersonalAsk
from gateway.model.desk import DeskAsk
from gateway.model.devices import Devices
from gateway.model.documents import Campaigns, FloorPlan, Members, Products, SentSettings
from gateway.model.feeds import FeedBatch
from gateway.model.issuers import Issuers
from gateway.model.redemptions import LockAnswered, RedemptionAsk
from gateway.model.sighting import Sighting


@dataclass(frozen=True, slots=True)
class Started:
    """The gateway begins (first input of every run); `version` is the software's."""

    version: str


@dataclass(frozen=True, slots=True)
class Stopping:
    """The gateway ends in good order (last input of a run)."""


@dataclass(frozen=True, slots=True)
class Tick:
    """Time passed; carried by the grid's own time."""


@dataclass(frozen=True, slots=True)
class ReceiverHealth:
    """A receiver hears again (`up`) or no longer (`down`); nobody "left" because a receiver fell silent."""

    receiver: str
    status: Literal["up", "down"]


@dataclass(frozen=True, slots=True)
class WasDeaf:
    """Until now the gateway heard nobody for so long (seconds), by its own fault: that silence says nothing."""

    for_s: float


@dataclass(frozen=True, slots=True)
class ClockChanged:
    """The wall clock became trustworthy or stepped: the new time is in the `Now` that comes with this input."""


@dataclass(frozen=True, slots=True)
class DocumentReady:
    """A verified and compiled document replaces the one in use; `digest` is `sha256:` and hex of its bytes."""

    name: str
    serial: int
    digest: str
    content: FloorPlan | Campaigns | Members | Products | Issuers | Devices | SentSettings


class Tokens(Protocol):
    """Whose token one is, in one slot; immutable."""

    def holders(self, value: bytes, /) -> Sequence[str]:
        """The handles of the members who send this token: one, none, or more where chance gave several the same."""


@dataclass(frozen=True, slots=True)
class TokensReady:
    """The tokens of `slot` (15 minutes, counted from 1970) of the members document of this serial."""

    serial: int
    slot: int
    table: Tokens


@dataclass(frozen=True, slots=True)
class Acked:
    """Head office has every event of a stream up to `sequence`."""

    incarnation: str
    stream: str
    sequence: int


@dataclass(frozen=True, slots=True)
class OperatorNotice:
    """Something at the edge that head office must hear of, as an event of class `telemetry` or `operation`."""

    stream: str
    type: str
    data: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class FreshSalt:
    """New randomness, in place of the last: what strangers are told apart by, and what noise is drawn from.

    32 bytes each, never stored.
    """

    value: bytes = field(repr=False)
    noise: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Erase:
    """A member (its handle) wants to be forgotten: everything of it goes, here and from what still waits to be sent.

    `command` is the id of head office's order, None where somebody in the shop asked.
    """

    handle: str
    command: str | None = None


@dataclass(frozen=True, slots=True)
class Commanded:
    """Head office orders something, at most once; `deed` is what the engine itself does for it, in the same step."""

    command: Command
    deed: Erase | LockAnswered | None = None


@dataclass(frozen=True, slots=True)
class CommandEnded:
    """The command of this id, which was taken, is over."""

    id: str
    outcome: Literal["done", "failed"]


Input = (
    Started
    | Stopping
    | Tick
    | Sighting
    | ReceiverHealth
    | WasDeaf
    | ClockChanged
    | DocumentReady
    | TokensReady
    | FeedBatch
    | FreshSalt
    | Acked
    | OperatorNotice
    | Erase
    | Commanded
    | CommandEnded
    | RedemptionAsk
    | PersonalAsk
    | DeskAsk
)
