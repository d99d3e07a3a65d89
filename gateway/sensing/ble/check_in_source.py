"""Check-ins by connection as a source: a sleeping phone finds the service, connects, and says whose it is."""

import asyncio
from asyncio import Future
from collections import deque
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import suppress
from secrets import token_bytes
from types import TracebackType
from typing import Any, Final, Self

import structlog

from gateway.codecs.check_in import (
    ANSWER,
    CHALLENGE,
    CHECK_IN,
    LONGEST_VALUE,
    Answer,
    CheckInError,
    write_answer,
)
from gateway.codecs.hpke import Context
from gateway.codecs.member_code import store_audience
from gateway.model.decision import Arrived
from gateway.model.health import Condition
from gateway.model.meaning import KeptOut
from gateway.model.sighting import PhoneCheckIn, Sighting
from gateway.runtime.supervise import backoff
from gateway.sensing.ble.bluez import AdapterState, Bluez, asking_bluez
from gateway.sensing.ble.challenges import Challenges
from gateway.sensing.ble.check_in_options import CheckInOptions
from gateway.sensing.ble.peripheral import AttributeRefused, Peripheral
from gateway.sensing.ble.trouble import RadioTrouble
from gateway.sensing.source import Sensed, Surroundings

WAITING: Final = 16
"""Check-ins that may wait for the gateway; further ones are refused, and may be tried again in a moment."""
ANSWER_S: Final = 4.0
"""How long a phone waits for its answer (seconds); bluetoothd gives up a write after five."""
LOOK_EVERY_S: Final = 1.0
"""How often bluetoothd is asked whether it is still the same (seconds)."""
FIRST_PAUSE_S: Final = 0.5
LONGEST_PAUSE_S: Final = 5.0
"""Between two attempts to be a peripheral (seconds)."""

_OFFERED: Final = ("campaign", "language", "words", "benefit", "until")


class CheckInSource:
    """Yields each check-in with somebody waiting for its answer, and says in health whether phones can connect."""

    timekeeper = None

    def __init__(self, options: CheckInOptions, surroundings: Surroundings) -> None:
        self.name = f"{options.receiver}:checkin"
        self._part = f"source:{self.name}"
        self._options = options
        self._health = surroundings.health
        self._best_offer = surroundings.best_offer
        self._store = surroundings.store
        audience = store_audience(self._store.tenant, self._store.store)
        self._challenges = Challenges(audience, options.challenge_s, token_bytes)
        self._waiting: deque[tuple[PhoneCheckIn, Future[object]]] = deque()
        self._answering: set[asyncio.Task[None]] = set()
        self._wake = asyncio.Event()
        self._serving: asyncio.Task[None] | None = None
        self._log = structlog.get_logger("checkin")

    async def __aenter__(self) -> Self:
        self._serving = asyncio.create_task(self._keep_serving(), name=f"ble:{self.name}")
        self._serving.add_done_callback(lambda _: self._wake.set())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        tasks = {*self._answering, *([] if self._serving is None else [self._serving])}
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)
        self._serving = None
        self._waiting.clear()

    async def __aiter__(self) -> AsyncIterator[Sensed]:
        while self._serving is not None:
            if self._waiting:
                said, answered = self._waiting.popleft()
                if not answered.done():
                    yield Sensed(Sighting("ble", self._options.receiver, said), reply=_into(answered))
            elif self._serving.done():
                self._serving.result()
                return
            else:
                self._wake.clear()
                await self._wake.wait()

    def committed(self, positions: Mapping[str, int]) -> None:
        """Nothing to do: a phone tries again by itself."""

    async def _keep_serving(self) -> None:
        pauses = backoff(FIRST_PAUSE_S, LONGEST_PAUSE_S)
        while True:
            try:
                async with asking_bluez() as bluez:
                    adapter = await bluez.find(self._options.adapter)
                    peripheral = await self._registered(bluez, adapter)
                    pauses = backoff(FIRST_PAUSE_S, LONGEST_PAUSE_S)
                    await self._look_after(peripheral, adapter, bluez)
            except RadioTrouble as trouble:
                self._health.report(trouble.condition(self._part))
            await asyncio.sleep(next(pauses))

    async def _registered(self, bluez: Bluez, adapter: AdapterState) -> Peripheral:
        if not adapter.peripheral:
            hint = f"nobody can connect to {adapter.name} (`btmgmt info` shows its roles): use another adapter"
            raise RadioTrouble("no_peripheral", hint)
        name = f"{self._store.tenant}/{self._store.store}"
        peripheral = Peripheral(bluez, adapter.bluetoothd, name, self._read, self._write)
        await peripheral.register(adapter.name)
        hint = f"phones can check in through {adapter.name}"
        self._health.report(Condition(self._part, "advertising", "ok", hint, {"adapter": adapter.name}))
        self._log.info("advertising", receiver=self._options.receiver, adapter=adapter.name)
        return peripheral

    async def _look_after(self, peripheral: Peripheral, adapter: AdapterState, bluez: Bluez) -> None:
        """Return never; the connection to bluetoothd is what keeps the service.

        Raises:
            RadioTrouble: it is over.
        """
        while True:
            await asyncio.sleep(LOOK_EVERY_S)
            state = await bluez.state(adapter.name)
            if peripheral.released or state.bluetoothd != adapter.bluetoothd:
                hint = f"BlueZ ended the service on {adapter.name}; it is registered again"
                raise RadioTrouble("advertising_lost", hint, "warning")
            self._challenges.forget(_mono_s())

    def _read(self, uuid: str, phone: str, offset: int) -> bytes:
        if uuid == CHALLENGE:
            value = self._challenges.given(phone) if offset else self._challenges.give(phone, _mono_s())
        elif uuid == ANSWER:
            value = self._challenges.answered(phone)
        else:
            raise AttributeRefused("NotPermitted")
        if offset > len(value):
            raise AttributeRefused("InvalidOffset")
        return value[offset:]

    def _write(self, uuid: str, phone: str, value: bytes, done: Callable[[str | None], None]) -> None:
        if uuid != CHECK_IN:
            raise AttributeRefused("NotPermitted")
        if len(value) > LONGEST_VALUE:
            raise AttributeRefused("InvalidValueLength")
        context = None
        try:
            said, context = self._challenges.take(phone, value, _mono_s())
            if len(self._answering) >= WAITING:
                raise CheckInError("check_in_busy")
        except CheckInError as error:
            if error.reason == "check_in_no_challenge":
                raise AttributeRefused("NotAuthorized") from error
            self._log.debug("refused", reason=error.reason)
            self._challenges.answer(phone, write_answer(Answer(error.reason), context))
            done(None)
            return
        task = asyncio.create_task(self._answer(phone, said, context, done), name=f"checkin:{self.name}")
        self._answering.add(task)
        task.add_done_callback(self._answering.discard)

    async def _answer(
        self, phone: str, said: PhoneCheckIn, context: Context, done: Callable[[str | None], None]
    ) -> None:
        answered: Future[object] = asyncio.get_running_loop().create_future()
        self._waiting.append((said, answered))
        self._wake.set()
        answer = Answer("check_in_unavailable")
        with suppress(TimeoutError):
            async with asyncio.timeout(ANSWER_S):
                answer = await self._said(await answered)
        self._challenges.answer(phone, write_answer(answer, context))
        done(None)

    async def _said(self, came_of_it: object) -> Answer:
        match came_of_it:
            case Arrived(subject):
                offer = await self._best_offer(subject)
                return Answer(offer=None if offer is None else _brief(offer))
            case KeptOut(reason):
                return Answer(reason)
        return Answer("check_in_unavailable")


def _brief(offer: Mapping[str, Any]) -> Mapping[str, Any]:
    return {name: offer[name] for name in _OFFERED if offer.get(name) is not None}


def _into(answered: "Future[object]") -> Callable[[object], None]:
    def reply(came_of_it: object) -> None:
        if not answered.done():
            answered.set_result(came_of_it)

    return reply


def _mono_s() -> float:
    return asyncio.get_running_loop().time()
