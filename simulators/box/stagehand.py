"""What the controls can do to an open shop (`control.Deeds`)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from simulators.box.hand_scanner import HandScanner
from simulators.box.happenings import Presented
from simulators.box.held_camera import HeldCamera
from simulators.box.open_shop import OpenShop
from simulators.control import Answer, NotNow
from simulators.faults import Faults
from simulators.floor import Floor


class Hands(Protocol):
    """Who holds things to cameras and readers: `simulators.box.hands.Hands`, or one kind of reader alone."""

    def hold(self, presented: Presented, /) -> None:
        """Hold a code or tag to its reader."""


@dataclass(frozen=True, slots=True)
class Stagehand:
    """Breaks things, sends people in and holds codes up. `adapters` are the shop's, by receiver."""

    shop: OpenShop
    faults: Faults
    readers: Hands
    adapters: Mapping[str, str]
    camera: HeldCamera
    scanner: HandScanner

    def cut(self, seconds: float) -> Answer:
        """Cut the broker off."""
        self.faults.cut(seconds)
        return {"seconds": seconds}

    def kill_adapter(self, seconds: float, adapter: str | None) -> Answer:
        """Pull an adapter out, named by itself or by its receiver."""
        names = list(self.adapters.values())
        wanted = self.adapters.get(adapter or "", adapter or names[0])
        if wanted not in names:
            msg = f"There is no adapter {wanted!r}: name one of {', '.join(names)}."
            raise NotNow("no_adapter", msg)
        self.faults.pull(wanted, seconds)
        return {"seconds": seconds, "adapter": wanted}

    def silence(self, seconds: float, beacon: str | None) -> Answer:
        """Let a fixed beacon (the first one) send nothing."""
        names = [each.id for each in self._floor.beacons]
        wanted = beacon or next(iter(names), None)
        if wanted not in names:
            msg = f"There is no beacon {wanted!r}: name one of {', '.join(names)}."
            raise NotNow("no_beacon", msg)
        self.shop.shop.silence(wanted, self.shop.t_s + seconds)
        return {"seconds": seconds, "beacon": wanted}

    def stop_camera(self, seconds: float) -> Answer:
        """Stop the camera."""
        self.camera.stop(seconds)
        return {"seconds": seconds, "receiver": self._floor.cameras[0]}

    def unplug_scanner(self, seconds: float) -> Answer:
        """Unplug the hand scanner."""
        self.scanner.unplug(seconds)
        return {"seconds": seconds, "receiver": self._floor.scanners[0]}

    def send_in(self, name: str | None) -> Answer:
        """Call somebody in."""
        called = self.shop.shop.crowd.call(name)
        if called is None:
            msg = "Everybody is in the shop already." if name is None else f"Nobody away is called {name!r}."
            raise NotNow("nobody_away", msg)
        return {"name": called}

    def scan(self, marker: str | None) -> Answer:
        """Hold a marker to the first camera."""
        return self._hold(marker, "camera", self._floor.cameras)

    def tap(self, marker: str | None) -> Answer:
        """Hold a marker's tag to the first NFC reader."""
        return self._hold(marker, "NFC reader", self._floor.readers)

    def state(self) -> Answer:
        """The truth: where members and tags are, what is broken, how many faults the gateway recovered from."""
        where = {
            each.subject: {"zone": each.zone, "at": each.at and [round(metres, 2) for metres in each.at]}
            for each in self.shop.truth.values()
        }
        faults = {"injected": self.faults.injected, "recovered": self.faults.recovered}
        return {"t": self.shop.t_s, "where": where, "under_way": list(self.faults.under_way), **faults}

    def _hold(self, marker: str | None, kind: str, receivers: Sequence[str]) -> Answer:
        markers = self._floor.markers
        wanted = marker or next(iter(markers), None)
        if wanted not in markers or not receivers:
            msg = f"The shop has no {kind}, or no marker {wanted!r}: name one of {', '.join(markers)}."
            raise NotNow("no_marker", msg)
        self.readers.hold(self.shop.shop.readers.presented(self.shop.t_s, receivers[0], wanted))
        return {"marker": wanted, "receiver": receivers[0]}

    @property
    def _floor(self) -> Floor:
        return self.shop.shop.store.floor
