"""What a run in the guest comes to: its figures, and what is wrong with them in words."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

RECOVERS_S: Final = 30.0
"""How soon after a fault is mended packets are taken again, at the latest."""
LEAST_TAKEN: Final = 0.95
"""Of the packets that the controller reported: the edges of counting are a packet or two wide."""


@dataclass(frozen=True, slots=True)
class Suffered:
    """How a fault went (seconds): until the gateway told of it; from mending until there was power, until it heard."""

    fault: str
    told_after_s: float
    powered_after_s: float
    heard_after_s: float


@dataclass(frozen=True, slots=True)
class Rate:
    """Packets that the controller reported, and those that the gateway took, in the same seconds."""

    seconds: float
    reported: int
    taken: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was seen.

    Attributes:
        expected: The subjects whose packets are on the air.
        entered: The subjects of every `zone.entered`.
        left: The types of every event that says somebody left.
        lived_through: Whether the process that was started ran to the end.
    """

    rates: Sequence[Rate]
    faults: Sequence[Suffered]
    expected: Sequence[str]
    entered: Sequence[str]
    left: Sequence[str]
    lived_through: bool
    exit_status: int

    def complaints(self) -> Iterator[str]:
        """What is not as it should be; nothing, if all is."""
        for rate in self.rates:
            if rate.taken < LEAST_TAKEN * rate.reported or not rate.reported:
                yield f"of {rate.reported} packets only {rate.taken} were taken"
        for each in self.faults:
            if each.heard_after_s > RECOVERS_S:
                yield f"{each.fault}: heard again only {each.heard_after_s:.1f} s after it was mended"
        if sorted(self.entered) != sorted(self.expected):
            yield f"{sorted(self.expected)} were to enter once each; it told of {sorted(self.entered)}"
        if self.left:
            yield f"somebody left: {', '.join(self.left)}"
        if not self.lived_through:
            yield "the gateway did not live through it"
        if self.exit_status:
            yield f"the gateway ended with {self.exit_status}"

    def report(self) -> str:
        """All of it for a person."""
        lines = [f"{'fault':22} {'told':>7} {'power':>7} {'heard':>7}   (s; power and heard since it was mended)"]
        lines += [
            f"{each.fault:22} {each.told_after_s:7.1f} {each.powered_after_s:7.1f} {each.heard_after_s:7.1f}"
            for each in self.faults
        ]
        lines += [
            f"{rate.reported / rate.seconds:.1f} packets/s on the air, {rate.taken / rate.seconds:.1f} taken"
            f" ({rate.taken} of {rate.reported} in {rate.seconds:.0f} s)"
            for rate in self.rates
        ]
        lines.append(f"entered: {', '.join(self.entered)}; left: {', '.join(self.left) or 'nobody'}")
        lines += [f"WRONG: {complaint}" for complaint in self.complaints()] or ["passed"]
        return "\n".join(lines) + "\n"
