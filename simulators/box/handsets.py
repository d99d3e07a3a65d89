"""Members' phones at the gateway's HTTP interface."""

import asyncio
from collections.abc import Mapping
from types import TracebackType
from typing import Final, Self

import httpx

from gateway.model.sighting import BeaconId, HeardBeacon
from simulators.box.happenings import Reported

_PATIENCE_S: Final = 5.0


class Handsets:
    """Posts what apps hear to `/v1/sightings` of the gateway at `url`, each under its member's credential.

    A phone has one report on its way at a time: one that is due before the last was answered is dropped and counted,
    for the next tells the same and newer.

    Attributes:
        taken: Reports that the gateway took.
        refused: Reports that it answered otherwise, or not at all.
        dropped: Reports that were never sent.
    """

    def __init__(self, url: str, credentials: Mapping[str, str]) -> None:
        self._client = httpx.AsyncClient(base_url=url, timeout=_PATIENCE_S, trust_env=False)
        self._credentials = credentials
        self._calls: dict[str, asyncio.Task[None]] = {}
        self.taken = 0
        self.refused = 0
        self.dropped = 0

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for call in self._calls.values():
            call.cancel()
        await asyncio.gather(*self._calls.values(), return_exceptions=True)
        await self._client.aclose()

    def tell(self, reported: Reported) -> None:
        """Send a report, unless its phone still waits for the answer to the one before."""
        name = reported.name
        if name in self._calls:
            self.dropped += 1
            return
        self._calls[name] = asyncio.create_task(self._post(reported), name=f"handset:{name}")
        self._calls[name].add_done_callback(lambda _: self._calls.pop(name))

    async def _post(self, reported: Reported) -> None:
        bearer = {"Authorization": f"Bearer {self._credentials[reported.name]}"}
        seen = [_fields(heard) for heard in reported.report.seen]
        try:
            answer = await self._client.post("/v1/sightings", json={"seen": seen}, headers=bearer)
        except httpx.TransportError:
            self.refused += 1
            return
        if answer.is_success:
            self.taken += 1
        else:
            self.refused += 1


def _fields(heard: HeardBeacon) -> dict[str, object]:
    if not isinstance(heard.beacon, BeaconId):
        return {"beacon": heard.beacon, "rssi_dbm": heard.rssi_dbm}
    uuid, major, minor = heard.beacon.value.split("/")
    return {"uuid": uuid, "major": int(major), "minor": int(minor), "rssi_dbm": heard.rssi_dbm}
