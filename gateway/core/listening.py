"""Which receivers hear: "the scanner is dead" is never "everybody left"."""

from collections.abc import Container, Iterable
from dataclasses import replace
from typing import Literal

from gateway.core.options import CoreOptions
from gateway.core.state import State
from gateway.core.traffic import Traffic
from gateway.model.sighting import Sighting
from gateway.model.step import ReceiverState
from gateway.model.time import At, Now


class Listening:
    """Receivers' health, kept in the state, and since when the gateway as a whole has been listening."""

    def __init__(self, state: State, options: CoreOptions) -> None:
        self._state = state
        self._lost_after_s = options.receiver_lost_after_s
        self._since_s = float("-inf")
        self._told_from_s = float("-inf")
        self._traffic = Traffic()

    def begin(self, at: At, *, told_from_s: float = float("-inf")) -> None:
        """The gateway was deaf until now, and so was every receiver.

        Whose the packets are can be told from `told_from_s` on (monotonic s), at the latest: no silence counts before.
        """
        self._since_s, self._told_from_s = at.mono_s, told_from_s
        self._traffic.forget()
        for known in list(self._state.receivers.values()):
            self._state.save(replace(known, since=at))

    def can_tell(self, now: Now) -> bool:
        """From now on it can be told whose the packets are; whether it was not to be expected so early."""
        earlier = now.mono_s < self._told_from_s
        self._told_from_s = min(self._told_from_s, now.mono_s)
        return earlier

    def hear(self, sighting: Sighting, now: Now) -> None:
        """Note that a receiver hears; who the packet is of does not matter."""
        if sighting.address is not None:
            self._traffic.hear(sighting.receiver, sighting.address, now.mono_s - sighting.age_s)

    def change(self, receiver: str, status: Literal["up", "down"], at: At) -> bool:
        """Note a receiver going `up` or `down`; False if it was so already, as `up` is one never heard of."""
        known = self._state.receivers.get(receiver)
        if known is not None and known.status == status:
            return False
        self._state.save(ReceiverState(receiver, status, at))
        return status == "down" or known is not None

    def keep(self, receivers: Container[str]) -> None:
        """Forget the health of all but these receivers."""
        for receiver in [receiver for receiver in self._state.receivers if receiver not in receivers]:
            self._state.forget_receiver(receiver)

    def deaf(self, anchors: Iterable[str]) -> bool:
        """Whether one of these anchors is a receiver that is down."""
        return any(known.status == "down" for known in self._known(anchors))

    def since_s(self, receivers: Iterable[str]) -> float | None:
        """Since when all of these receivers hear (monotonic s); None while one is down."""
        receivers = tuple(receivers)
        if self.deaf(receivers):
            return None
        return max((self._since_s, *(known.since.mono_s for known in self._known(receivers))))

    def silence_ends_s(self, anchors: Iterable[str], seen_s: float, patience_s: float) -> float:
        """When a silence since `seen_s` has lasted for `patience_s` (monotonic s).

        It does not count while an anchor of the evidence is down, nor while one that heard many hears nobody at all,
        and counts anew once all of them hear again; but nobody is held for longer than `receiver_lost_after_s`,
        however often receivers come and go.
        """
        lost_s = seen_s + self._lost_after_s
        heard_again_s, mute_until_s = max(self._since_s, self._told_from_s, seen_s), seen_s
        for anchor in anchors:
            known = self._state.receivers.get(anchor)
            if known is not None and known.status == "down":
                return max(lost_s, seen_s + patience_s)
            if known is not None:
                heard_again_s = max(heard_again_s, known.since.mono_s)
            heard_again_s = max(heard_again_s, self._traffic.again_s(anchor))
            mute_until_s = max(mute_until_s, self._traffic.mute_until_s(anchor, seen_s))
        return max(min(heard_again_s, lost_s) + patience_s, min(mute_until_s, lost_s))

    def _known(self, anchors: Iterable[str]) -> Iterable[ReceiverState]:
        return (known for anchor in anchors if (known := self._state.receivers.get(anchor)) is not None)
