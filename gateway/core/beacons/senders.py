"""Whose transmitter an address is: a beacon names itself in one frame and tells of its battery in another."""


class Senders:
    """The latest address of each beacon, in memory alone; so as many as the floor plan has beacons."""

    def __init__(self) -> None:
        self._beacons: dict[str, str] = {}
        self._addresses: dict[str, str] = {}

    def note(self, beacon: str, address: str) -> None:
        """The beacon just named itself from this address."""
        before = self._addresses.get(beacon)
        if before != address:
            if before is not None:
                self._beacons.pop(before, None)
            self._addresses[beacon] = address
            self._beacons[address] = beacon

    def beacon_at(self, address: str) -> str | None:
        """The beacon that last named itself from this address."""
        return self._beacons.get(address)
