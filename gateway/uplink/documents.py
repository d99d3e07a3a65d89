"""Documents that head office announces over the broker: taken or refused, and answered either way.

Whatever is wrong with one, the shop goes on with the last good version. A manifest is retained at the broker, so it is
heard again at every connection; what did not get through is simply judged and answered again then.
"""

import asyncio
import contextlib
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from gateway.documents.refusal import DocumentRefused
from gateway.documents.verify import Manifest, TrustOptions, read_manifest
from gateway.model.health import Condition
from gateway.model.inputs import DocumentReady
from gateway.model.store import StoreRef
from gateway.model.time import rfc3339
from gateway.mqtt.message import NotConnected, Published
from gateway.runtime.errors import StorageUnavailable
from gateway.runtime.inbox import InboxClosed
from gateway.uplink.judge import InUse, judge
from gateway.uplink.state import DocumentInUse
from gateway.uplink.topics import DocumentTopic, Topics

Keep = Callable[[str, bytes, bytes], Awaitable[None]]
"""Keeps a manifest and its document durably under a name; raises `StorageUnavailable`."""


class Broker(Protocol):
    """What is needed of a session with the broker: `gateway.mqtt.session.Session`, or a fake."""

    async def connected(self) -> asyncio.Future[Exception]:
        """Wait for a connection."""

    async def publish(
        self, topic: str, payload: bytes, *, retain: bool = False, content_type: str | None = None
    ) -> Published:
        """Publish at QoS 1; raises `NotConnected`."""

    async def announce(self) -> None:
        """Tell the gateway's state anew."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer to one manifest; `reason` is a stable code and `problem` a sentence, empty when it is accepted."""

    name: str
    serial: int | None
    digest: str | None
    reason: str = ""
    problem: str = ""

    def encode(self, utc_s: float) -> bytes:
        """The message for `documents/{name}/status`, given the time in seconds since 1970."""
        answer = {
            "name": self.name,
            "serial": self.serial,
            "digest": self.digest,
            "status": "refused" if self.reason else "accepted",
            "reason": self.reason or None,
            "problem": self.problem or None,
            "at": rfc3339(utc_s),
        }
        return json.dumps(answer, ensure_ascii=False, separators=(",", ":")).encode()


class Documents:
    """Judges announced documents one at a time, the newest manifest of each; at most one waits for each name."""

    def __init__(
        self,
        broker: Broker,
        store: StoreRef,
        trust: TrustOptions,
        in_use: Mapping[str, InUse],
        *,
        keep: Keep,
        put: Callable[[DocumentReady], Awaitable[None]],
        report: Callable[[Condition], None],
        utc_s: Callable[[], float],
    ) -> None:
        """`in_use` are the documents the engine started with, `utc_s` the wall clock (seconds since 1970)."""
        self._broker = broker
        self._store = store
        self._topics = Topics(store)
        self._trust = trust
        self._in_use = dict(in_use)
        self._keep = keep
        self._put = put
        self._report = report
        self._utc_s = utc_s
        self._waiting: dict[str, bytes] = {}
        self._arrived = asyncio.Event()

    @property
    def in_use(self) -> dict[str, DocumentInUse]:
        """Serial and digest of every document that decides at the moment."""
        return {name: DocumentInUse(each.ready.serial, each.ready.digest) for name, each in self._in_use.items()}

    def receive(self, topic: DocumentTopic, payload: bytes) -> None:
        """Take a manifest from the broker; an empty one means that the announcement was withdrawn."""
        if payload:
            self._waiting[topic.name] = payload
            self._arrived.set()

    async def run(self) -> None:
        """Judge and answer what comes, until the pipeline takes nothing more."""
        while True:
            await self._arrived.wait()
            self._arrived.clear()
            while self._waiting:
                name, payload = self._waiting.popitem()
                try:
                    verdict = await self._consider(name, payload)
                except InboxClosed:
                    return
                await self._answer(verdict)

    async def _consider(self, name: str, payload: bytes) -> Verdict:
        manifest: Manifest | None = None
        try:
            manifest = await asyncio.to_thread(read_manifest, payload, name)
            await self._take(name, manifest, payload)
        except DocumentRefused as refused:
            self._report(Condition(f"documents:{name}", refused.code, "warning", str(refused)))
            problem = f"{refused.key}: {refused.problem}" if refused.key else refused.problem
            return _verdict(name, manifest, refused.code, f"{problem}. {refused.hint}.")
        except StorageUnavailable as unavailable:
            self._report(Condition(f"documents:{name}", "not_kept", "error", str(unavailable)))
            return _verdict(name, manifest, "not_kept", str(unavailable))
        self._report(Condition(f"documents:{name}", "in_use", "ok"))
        return _verdict(name, manifest)

    async def _take(self, name: str, manifest: Manifest, payload: bytes) -> None:
        before = self._in_use.get(name)
        judged, content = await asyncio.to_thread(
            judge, name, manifest, store=self._store, trust=self._trust, in_use=before
        )
        if judged is before:
            return
        await self._keep(kept_name(name, judged.changes), payload, content)
        await self._put(judged.ready)
        self._in_use[name] = judged

    async def _answer(self, verdict: Verdict) -> None:
        # A retained manifest comes with the subscription, before the connection is ready for what we have to say.
        await self._broker.connected()
        with contextlib.suppress(NotConnected):
            topic = self._topics.document_status(verdict.name)
            await self._broker.publish(topic, verdict.encode(self._utc_s()), retain=True)
            if not verdict.reason:
                await self._broker.announce()


def kept_name(name: str, changes: int) -> str:
    """Under which name a document is kept: `members` whole, its changes `members_1`, `members_2` and so on."""
    return f"{name}_{changes}" if changes else name


def _verdict(name: str, manifest: Manifest | None, reason: str = "", problem: str = "") -> Verdict:
    serial, digest = (None, None) if manifest is None else (manifest.serial, manifest.digest)
    return Verdict(name, serial, digest, reason, problem)
