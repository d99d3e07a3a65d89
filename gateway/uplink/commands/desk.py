"""The desk: commands come in, are verified, used once, told, carried out and answered, one at a time."""

import asyncio
import contextlib
from collections import deque
from collections.abc import Coroutine
from dataclasses import dataclass
from typing import Final, Protocol

import structlog
from pydantic import ValidationError

from gateway.documents.verify import TrustOptions
from gateway.model.commands import NotTaken
from gateway.model.health import Condition
from gateway.model.inputs import Commanded, CommandEnded, OperatorNotice
from gateway.model.store import StoreRef
from gateway.mqtt.message import Message, NotConnected, Published
from gateway.runtime.errors import StorageUnavailable
from gateway.runtime.inbox import InboxClosed, TooManyAsks
from gateway.uplink.commands.answer import Answer
from gateway.uplink.commands.deed import Arguments, Deed
from gateway.uplink.commands.order import CommandRefused, Order, claimed_id, first_problem, read_envelope, read_order
from gateway.uplink.commands.reach import Reach
from gateway.uplink.commands.registry import DEEDS
from gateway.uplink.topics import CommandTopic, Topics

PART: Final = "uplink:commands"

MOST_WAITING: Final = 32
"""Commands that wait for their turn; what comes beyond is dropped unanswered."""
PAUSE_S: Final = 0.05
"""Between two commands (seconds), so that a flood of them costs little."""
ANSWER_S: Final = 10.0
"""How long an answer waits for a connection and its PUBACK (seconds); then it is lost."""
TOLD_EVERY_S: Final = 60.0
"""Refusals of one reason are told upstream together, this far apart at least (seconds)."""
MOST_OVER: Final = 1_000
"""Ids of commands that will not be taken any more: nothing is prepared for one of them that comes again."""

_log = structlog.get_logger(__name__)


class Broker(Protocol):
    """What is needed of a session with the broker: `gateway.mqtt.session.Session`, or a fake."""

    async def connected(self) -> asyncio.Future[Exception]:
        """Wait for a connection."""

    async def publish(self, topic: str, payload: bytes, *, correlation: bytes | None = None) -> Published:
        """Publish at QoS 1; raises `NotConnected`."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A command as it came: its name, and where its answer goes."""

    name: str
    payload: bytes
    response_topic: str | None
    correlation: bytes | None


@dataclass(frozen=True, slots=True)
class _Errand:
    """A verified command on its way: `key` is the signer's name."""

    asked: Asked
    order: Order
    key: str
    deed: Deed
    arguments: Arguments


class Commands:
    """Takes what comes on `commands/{name}`; nothing in it is believed before its signature holds."""

    def __init__(
        self,
        broker: Broker,
        store: StoreRef,
        trust: TrustOptions,
        reach: Reach,
    ) -> None:
        self._broker = broker
        self._store = store
        self._topics = Topics(store)
        self._trust = trust
        self._reach = reach
        self._report = reach.health.report
        self._waiting: deque[Asked] = deque()
        self._arrived = asyncio.Event()
        self._over: deque[str] = deque(maxlen=MOST_OVER)
        self._untold: dict[str, int] = {}
        self._told_s: dict[str, float] = {}

    def receive(self, topic: CommandTopic, message: Message) -> None:
        """Take a command from the broker; an empty one means that a retained one was withdrawn."""
        if not message.payload:
            return
        if len(self._waiting) >= MOST_WAITING:
            hint = f"{MOST_WAITING} commands wait already, and more are dropped; see who sends them"
            self._report(Condition(PART, "flooded", "warning", hint, {"count": MOST_WAITING}))
            return
        self._waiting.append(Asked(topic.name, message.payload, message.response_topic, message.correlation))
        self._arrived.set()

    async def run(self) -> None:
        """Carry out what comes, until the pipeline takes nothing more; what lasts ends with it."""
        async with asyncio.TaskGroup() as group:
            lasting: set[asyncio.Task[None]] = set()
            with contextlib.suppress(InboxClosed):
                while True:
                    await self._arrived.wait()
                    self._arrived.clear()
                    while self._waiting:
                        lasts = await self._carry_out(self._waiting.popleft())
                        if lasts is not None:
                            task = group.create_task(lasts, name="command-lasts")
                            lasting.add(task)
                            task.add_done_callback(lasting.discard)
                        await asyncio.sleep(PAUSE_S)
            for task in lasting:
                task.cancel()

    async def _carry_out(self, asked: Asked) -> Coroutine[None, None, None] | None:
        """Carry out one command; gives what is left to do where that lasts."""
        try:
            errand = self._verified(asked)
        except CommandRefused as refused:
            await self._refuse(asked, refused)
            return None
        order, deed = errand.order, errand.deed
        try:
            gave = await self._used(errand)
        except CommandRefused as refused:
            await self._refuse(asked, CommandRefused(refused.code, refused.says, order))
            return None
        except StorageUnavailable as unavailable:
            await self._answer(asked, Answer(order.id, order.name, "failed", "storage_unavailable", str(unavailable)))
            return None
        self._report(Condition(PART, "listening", "ok"))
        _log.info("command_taken", command=order.name, id=order.id)
        if deed.lasts:
            await self._answer(asked, Answer(order.id, order.name, "started"))
            return self._do(errand, gave)
        await self._do(errand, gave)
        return None

    def _verified(self, asked: Asked) -> _Errand:
        envelope = read_envelope(asked.payload)
        order = read_order(envelope, asked.name, self._store, self._trust)
        deed = DEEDS.get(order.name)
        if deed is None:
            raise CommandRefused("unknown_command", f"There is none of that name; there are {', '.join(DEEDS)}.", order)
        try:
            arguments = deed.arguments.model_validate(order.arguments)
        except ValidationError as error:
            raise CommandRefused("bad_arguments", f"Its arguments are wrong: {first_problem(error)}.", order) from error
        return _Errand(asked, order, envelope.key, deed, arguments)

    async def _used(self, errand: _Errand) -> object:
        """What the engine gave for the command, which is used now."""
        order, deed = errand.order, errand.deed
        commanded = Commanded(order.command(errand.key), deed.entrust(errand.arguments, order.id))
        try:
            if order.id not in self._over:
                await deed.prepare(self._reach, errand.arguments)
            gave = await self._reach.inbox.ask(commanded)
        except TooManyAsks as busy:
            raise CommandRefused("busy", f"{busy}.") from busy
        if not isinstance(gave, NotTaken) or gave.reason in {"used", "interrupted", "expired"}:
            self._over.append(order.id)
        if isinstance(gave, NotTaken):
            raise CommandRefused(gave.reason, gave.says)
        return gave

    async def _do(self, errand: _Errand, gave: object) -> None:
        order, deed = errand.order, errand.deed
        try:
            answer = Answer(order.id, order.name, "done", result=await deed.do(self._reach, errand.arguments, gave))
            ended = CommandEnded(order.id, "done")
        except (StorageUnavailable, OSError) as error:
            answer = Answer(order.id, order.name, "failed", "storage_unavailable", str(error))
            ended = CommandEnded(order.id, "failed")
        with contextlib.suppress(InboxClosed):
            await self._reach.inbox.put(ended)
        _log.info("command_ended", command=order.name, id=order.id, status=answer.status)
        await self._answer(errand.asked, answer)
        deed.then(self._reach)

    async def _refuse(self, asked: Asked, refused: CommandRefused) -> None:
        if refused.order is None:
            hint = f"a command is refused: {refused.says} See who may write to this gateway's topics"
            self._report(Condition(PART, refused.code, "warning", hint, {"said": refused.says}))
        else:
            _log.info("command_refused", command=refused.order.name, id=refused.order.id, reason=refused.code)
            await self._tell(refused.order, refused.code)
        claimed = refused.order.id if refused.order else _claimed(asked.payload)
        await self._answer(asked, Answer(claimed, asked.name, "refused", refused.code, refused.says))

    async def _tell(self, order: Order, reason: str) -> None:
        """Tell head office of signed commands that are refused: somebody may be trying used ones."""
        now_s = asyncio.get_running_loop().time()
        self._untold[reason] = self._untold.get(reason, 0) + 1
        if now_s < self._told_s.get(reason, 0.0):
            return
        self._told_s[reason] = now_s + TOLD_EVERY_S
        facts = {"command": order.name, "id": order.id, "reason": reason, "times": self._untold.pop(reason)}
        await self._reach.inbox.put(OperatorNotice("operation", "command.refused", facts))

    async def _answer(self, asked: Asked, answer: Answer) -> None:
        topic = self._topics.answer(asked.response_topic, asked.name, answer.id)
        if topic is None:
            return
        payload = answer.encode(self._reach.inbox.now().utc_s)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(ANSWER_S):
                while True:
                    await self._broker.connected()
                    with contextlib.suppress(NotConnected):
                        published = await self._broker.publish(topic, payload, correlation=asked.correlation)
                        break
                if not published.accepted:
                    hint = f"the broker refuses an answer ({published.reason}); check its ACL"
                    self._report(Condition(PART, "answer_refused", "warning", hint, {"said": published.reason}))


def _claimed(payload: bytes) -> str | None:
    try:
        return claimed_id(read_envelope(payload))
    except CommandRefused:
        return None
