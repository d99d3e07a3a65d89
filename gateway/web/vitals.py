"""`/healthz`, `/readyz`: how the gateway is, for whoever keeps it."""

from collections.abc import Callable, Mapping
from typing import Literal

from fastapi import APIRouter, Depends
from typing_extensions import TypedDict

from gateway.runtime.health import Health
from gateway.web.answers import ConditionAnswer, condition_answer
from gateway.web.door import Door
from gateway.web.problems import Problem


class HealthAnswer(TypedDict):
    """The worst severity, every condition, and the totals since the start."""

    status: Literal["ok", "warning", "error"]
    version: str
    conditions: list[ConditionAnswer]
    counters: Mapping[str, int]


class ReadyAnswer(TypedDict):
    """The first commit worked."""

    ready: Literal[True]


def vitals_routes(
    door: Door, health: Health, counters: Callable[[], Mapping[str, int]], ready: Callable[[], bool], version: str
) -> APIRouter:
    """The routes: for this machine, elsewhere for the scope `it`."""
    router = APIRouter(dependencies=[Depends(door.local_or("it"))])

    @router.get("/healthz")
    async def healthz() -> HealthAnswer:
        """How every part is, and what to do about it."""
        conditions = [condition_answer(each) for each in health.conditions()]
        return HealthAnswer(status=health.status, version=version, conditions=conditions, counters=counters())

    @router.get("/readyz")
    async def readyz() -> ReadyAnswer:
        """Whether the gateway has written its first commit."""
        check_ready(ready)
        return ReadyAnswer(ready=True)

    return router


def check_ready(ready: Callable[[], bool]) -> None:
    """Whether there is anything to answer from yet.

    Raises:
        Problem: `not_ready`.
    """
    if not ready():
        detail = "The gateway has not written its first commit yet; ask again in a moment."
        raise Problem("not_ready", detail, retry_after_s=1)
