"""A deed: what one command does, in the steps that every command takes."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ConfigDict

from gateway.model.inputs import Erase
from gateway.model.redemptions import LockAnswered
from gateway.uplink.commands.reach import Reach

Result = Mapping[str, object]


class Arguments(BaseModel):
    """What a command is told; what it does not know is refused, for a misspelt bound must not mean "no bound"."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


async def _nothing(reach: Reach, arguments: Any) -> None:
    """There is nothing to prepare."""


@dataclass(frozen=True, slots=True)
class Deed:
    """One command, step by step.

    Attributes:
        arguments: The form of its arguments.
        do: Gives the result, once the command is used; with what the engine answered (None: it did nothing).
        prepare: What comes before it is used; may raise `CommandRefused`.
        entrust: The part that the engine does in the step that uses the command, of the arguments and the order's id.
        then: What comes after the answer is out.
        lasts: Whether it takes long: it is answered with `started` at once, and others are carried out meanwhile.
    """

    arguments: type[Arguments]
    do: Callable[[Reach, Any, Any], Awaitable[Result]]
    prepare: Callable[[Reach, Any], Awaitable[None]] = _nothing
    entrust: Callable[[Any, str], Erase | LockAnswered | None] = lambda _arguments, _id: None
    then: Callable[[Reach], None] = lambda _reach: None
    lasts: bool = False
