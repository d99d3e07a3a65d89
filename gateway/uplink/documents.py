"""Documents that head office announces over the broker: taken or refused, and answered either way.

Whatever is wrong with one, the shop goes on with the last good version. A manifest is retained at the broker, so it is
heard again at every connection; what did not get through is simply judged and answered again then.
"""

import asyncio
import contextlib
import json
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from functools import partial
from typing import Final, Protocol

from gateway.documents.fetch import Unreachable
from gateway.documents.refusal import DocumentRefused
from gateway.documents.registry import parts_of_large
from gateway.documents.verify import Manifest, read_manifest
from gateway.model.documents import DOCUMENT_NAMES, SentSettings, SettingsEffect
from gateway.model.health import Condition
from gateway.model.inputs import DocumentReady
from gateway.model.time import rfc3339
from gateway.mqtt.message import NotConnected, Published
from gateway.runtime.errors import StorageUnavailable
from gateway.runtime.inbox import InboxClosed
from gateway.runtime.remains import Remains
from gateway.runtime.supervise import backoff
from gateway.uplink.arrivals import Newest, Superseded
from gateway.uplink.judge import InUse, is_new
from gateway.uplink.library import Library
from gateway.uplink.state import DocumentInUse
from gateway.uplink.topics import DocumentTopic, Topics

RETRY_PAUSES: Final = partial(backoff, 30.0, 900.0)
"""Between attempts at a document that could not be fetched or kept (seconds); a manifest that comes ends the pause."""
WORTH_ANOTHER_TRY: Final = frozenset({"unreachable", "not_kept", "not_compiled"})
"""What the next attempt may find otherwise, with the same manifest."""
LOOKS: Final = 100
LOOK_EVERY_S: Final = 0.1
"""How often, and how far apart (seconds), it is looked whether a document that was replaced is held by nobody else."""


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
    """The answer to one manifest.

    `reason` is a stable code, `problem` says what is wrong, at which `key` of the document, and `hint` what to do; all
    are empty when it is accepted. `effect` is what a settings document comes to.
    """

    name: str
    serial: int | None
    digest: str | None
    reason: str = ""
    problem: str = ""
    key: str = ""
    hint: str = ""
    effect: SettingsEffect | None = None

    def encode(self, utc_s: float) -> bytes:
        """The message for `documents/{name}/status`, given the time in seconds since 1970."""
        answer = {
            "name": self.name,
            "serial": self.serial,
            "digest": self.digest,
            "status": "refused" if self.reason else "accepted",
            "reason": self.reason or None,
            "problem": self.problem or None,
            "key": self.key or None,
            "hint": self.hint or None,
            **({} if self.effect is None else asdict(self.effect)),
            "at": rfc3339(utc_s),
        }
        return json.dumps(answer, ensure_ascii=False, separators=(",", ":")).encode()


class Documents:
    """Judges announced documents, each name on its own, so that a slow fetch holds up no other.

    Of each name the newest manifest waits; one that comes during a fetch ends it.
    """

    def __init__(
        self,
        broker: Broker,
        library: Library,
        in_use: Mapping[str, InUse],
        *,
        put: Callable[[DocumentReady], Awaitable[None]],
        report: Callable[[Condition], None],
        utc_s: Callable[[], float],
        pauses: Callable[[], Iterator[float]] = RETRY_PAUSES,
        settle: Callable[[SentSettings], SettingsEffect] | None = None,
    ) -> None:
        """`in_use` are the documents the engine started with, `utc_s` the wall clock (seconds since 1970).

        `settle` does what a settings document says and tells what it comes to.
        """
        self._broker = broker
        self._library = library
        self._topics = Topics(library.store)
        self._in_use = dict(in_use)
        self._put = put
        self._report = report
        self._utc_s = utc_s
        self._pauses = pauses
        self._settle = settle
        self._newest = {name: Newest() for name in DOCUMENT_NAMES}
        self._replaced: dict[str, Remains] = {}

    @property
    def in_use(self) -> dict[str, DocumentInUse]:
        """Serial and digest of every document that decides at the moment."""
        return {name: DocumentInUse(each.ready.serial, each.ready.digest) for name, each in self._in_use.items()}

    def receive(self, topic: DocumentTopic, payload: bytes) -> None:
        """Take a manifest from the broker; an empty one means that the announcement was withdrawn."""
        if payload:
            self._newest[topic.name].put(payload)

    async def run(self) -> None:
        """Judge and answer what comes, until the pipeline takes nothing more."""
        async with asyncio.TaskGroup() as group:
            for name in self._newest:
                group.create_task(self._serve(name), name=f"documents-{name}")

    async def _serve(self, name: str) -> None:
        newest = self._newest[name]
        pauses = self._pauses()
        while True:
            payload = await newest.take()
            try:
                verdict = await self._consider(name, payload)
            except Superseded:
                continue
            except InboxClosed:
                return
            await self._answer(verdict)
            await self._let_go(name)
            if verdict.reason not in WORTH_ANOTHER_TRY:
                pauses = self._pauses()
            elif not await newest.arrived_within(next(pauses)):
                newest.put(payload)

    async def _consider(self, name: str, payload: bytes) -> Verdict:
        manifest: Manifest | None = None
        try:
            manifest = await asyncio.to_thread(read_manifest, payload, name)
            await self._take(name, manifest)
            effect = self._effect(name)
        except DocumentRefused as refused:
            self._report(refused.condition(f"documents:{name}"))
            problem = f"{refused.key}: {refused.problem}" if refused.key else refused.problem
            return replace(
                _verdict(name, manifest, refused.code, f"{problem}. {refused.hint}."),
                key=refused.key,
                hint=refused.hint,
            )
        except Unreachable as unreachable:
            said = {"said": str(unreachable)}
            self._report(Condition(f"documents:{name}", "unreachable", "warning", str(unreachable), said))
            return _verdict(name, manifest, "unreachable", f"{unreachable}; it is asked again by itself.")
        except StorageUnavailable as unavailable:
            said = {"said": unavailable.problem}
            self._report(Condition(f"documents:{name}", "not_kept", "error", str(unavailable), said))
            return _verdict(name, manifest, "not_kept", str(unavailable))
        self._report(Condition(f"documents:{name}", "in_use", "ok"))
        return replace(_verdict(name, manifest), effect=effect)

    async def _take(self, name: str, manifest: Manifest) -> None:
        before, library = self._in_use.get(name), self._library
        if not is_new(name, manifest, library.store, library.trust, before):
            return
        await self._newest[name].unless_newer(library.bring(name, manifest, before))
        try:
            admitted = await library.admit(name, manifest, before)
        except DocumentRefused:
            await library.clear(name, before)
            raise
        if before is not None and (parts := parts_of_large(before.ready.content)):
            self._replaced[name] = Remains(before.ready.content, parts)
            before = None  # held here, it would go all at once when this is done
        await self._put(admitted.ready)
        self._in_use[name] = admitted
        await library.clear(name, admitted)

    async def _let_go(self, name: str) -> None:
        """Give back what was in use before, once nobody decides or shows by it any more."""
        remains = self._replaced.pop(name, None)
        if remains is None:
            return
        for _ in range(LOOKS):
            if remains.alone or await self._newest[name].arrived_within(LOOK_EVERY_S):
                break
        await remains.let_go()

    def _effect(self, name: str) -> SettingsEffect | None:
        """What the settings document in use comes to; None for another document."""
        content = self._in_use[name].ready.content
        return self._settle(content) if self._settle and isinstance(content, SentSettings) else None

    async def _answer(self, verdict: Verdict) -> None:
        # A retained manifest comes with the subscription, before the connection is ready for what we have to say.
        await self._broker.connected()
        with contextlib.suppress(NotConnected):
            topic = self._topics.document_status(verdict.name)
            await self._broker.publish(topic, verdict.encode(self._utc_s()), retain=True)
            if not verdict.reason:
                await self._broker.announce()


def _verdict(name: str, manifest: Manifest | None, reason: str = "", problem: str = "") -> Verdict:
    serial, digest = (None, None) if manifest is None else (manifest.serial, manifest.digest)
    return Verdict(name, serial, digest, reason, problem)
