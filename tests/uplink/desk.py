"""Documents between a broker that takes everything and a real disk; what a child would do is done in this process."""

import asyncio
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from gateway.documents.apart import Apart, Ask
from gateway.documents.checks import Here
from gateway.documents.job import answered
from gateway.documents.verify import TrustOptions
from gateway.model.documents import SentSettings, SettingsEffect
from gateway.model.health import Condition
from gateway.model.inputs import DocumentReady
from gateway.model.store import StoreRef
from gateway.mqtt.message import ACCEPTED, Published
from gateway.runtime.child import Bounds
from gateway.runtime.errors import StorageUnavailable
from gateway.storage.documents import KeptDocuments
from gateway.uplink.documents import RETRY_PAUSES, Documents
from gateway.uplink.judge import InUse
from gateway.uplink.library import Library
from gateway.uplink.restore import restore
from gateway.uplink.topics import DocumentTopic
from simulators.signer import Signer

STORE = StoreRef("acme", "0042", "gw-1")
SIGNER = Signer()
DEVICE_KEY = bytes(range(32))
TRUST = TrustOptions({SIGNER.name: SIGNER.public_key})


class Disk(KeptDocuments):
    """A directory that takes everything, unless `full`."""

    full = False

    async def keep(self, name: str, manifest: bytes) -> None:
        if self.full:
            raise StorageUnavailable("the disk is full", "free room on it")
        await super().keep(name, manifest)


async def in_process(question: bytes, _bounds: Bounds) -> bytes:
    """A child's answer without the child, which takes half a second to start."""
    return await asyncio.to_thread(answered, question)


def library(
    directory: Path, trust: TrustOptions = TRUST, ask: Ask = in_process, receivers: frozenset[str] = frozenset()
) -> Library:
    apart = Apart(Here(STORE.tenant, STORE.store, receivers), ask, (0.0, 0.0))
    return Library(Disk(directory), apart, STORE, trust, DEVICE_KEY)


@dataclass
class Desk:
    """Documents at work, and all that they told."""

    library: Library
    in_use: dict[str, InUse] = field(default_factory=dict)
    taken: list[DocumentReady] = field(default_factory=list)
    answers: list[dict[str, object]] = field(default_factory=list)
    conditions: list[Condition] = field(default_factory=list)
    announced: int = 0
    pauses: Callable[[], Iterator[float]] = RETRY_PAUSES
    settle: Callable[[SentSettings], SettingsEffect] | None = None

    def __post_init__(self) -> None:
        self.documents = Documents(
            self,
            self.library,
            self.in_use,
            put=self._put,
            report=self.conditions.append,
            utc_s=lambda: 0.0,
            pauses=self.pauses,
            settle=self.settle,
        )

    @property
    def disk(self) -> Disk:
        assert isinstance(self.library.kept, Disk)
        return self.library.kept

    @property
    def files(self) -> list[str]:
        """What lies in the directory, without digests."""
        found = self.disk.content("members", "sha256:" + "0" * 64).parent.iterdir()
        return sorted(path.name.partition("-")[0] + path.suffix * ("-" in path.name) for path in found)

    async def connected(self) -> asyncio.Future[Exception]:
        return asyncio.get_running_loop().create_future()

    async def publish(
        self, topic: str, payload: bytes, *, retain: bool = False, content_type: str | None = None
    ) -> Published:
        assert retain
        assert topic.endswith("/status")
        self.answers.append(json.loads(payload))
        return ACCEPTED

    async def announce(self) -> None:
        self.announced += 1

    async def judge(self, name: str, *manifests: bytes, timeout_s: float = 60.0) -> dict[str, object]:
        """The answer to the last of these manifests that comes after the first."""
        before = len(self.answers)
        running = asyncio.create_task(self.documents.run())
        try:
            for manifest in manifests:
                self.documents.receive(DocumentTopic(name), manifest)
                await asyncio.sleep(0.05 if len(manifests) > 1 else 0)
            async with asyncio.timeout(timeout_s):
                while len(self.answers) == before:
                    await asyncio.sleep(0.001)
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)
        return self.answers[-1]

    async def send(self, name: str, content: bytes, serial: int) -> dict[str, object]:
        return await self.judge(name, SIGNER.manifest(content, STORE, name, serial))

    async def restored(self, trust: TrustOptions = TRUST, told: list[Condition] | None = None) -> dict[str, InUse]:
        """What a gateway that starts now finds on the disk."""
        conditions = [] if told is None else told
        return await restore(
            library(self.disk.content("x", "sha256:" + "0" * 64).parents[1], trust), {}, conditions.append
        )

    async def _put(self, ready: DocumentReady) -> None:
        self.taken.append(ready)


def members(serial: int, *handles: str, base: int | None = None, removed: tuple[str, ...] = ()) -> bytes:
    """A members document: whole, or a change to the serial `base`."""
    header = {"document": "members", "tenant": "acme", "store": "0042", "serial": serial}
    lines: list[dict[str, object]] = [header if base is None else header | {"base_serial": base}]
    lines += [{"handle": handle} for handle in handles]
    lines += [{"handle": handle, "removed": True} for handle in removed]
    return "\n".join(json.dumps(line) for line in lines).encode()
