"""What the desk answers, as HTTP has it: what was done, or the problem that says why not."""

from collections.abc import Awaitable, Callable
from typing import Annotated, TypeVar

from pydantic import Field

from gateway.documents.gtin import gtin_14
from gateway.model.amount import Amount, amount_of
from gateway.model.desk import DeskAsk, NotServed
from gateway.model.inputs import Input
from gateway.web.problems import Problem

Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]{1,64}$")]
"""A till's or seller's own name in the shop; no person's."""
Gtin = Annotated[str, Field(pattern=r"^(\d{8}|\d{12,14})$")]

Answer = TypeVar("Answer")


async def served(ask: Callable[[Input], Awaitable[object]], what: DeskAsk, kind: type[Answer]) -> Answer:
    """The desk's answer to `what`, once it is committed.

    Raises:
        Problem: `not_found`, `not_recognised`, `idempotency_reused`, or `not_served` with its reason.
    """
    answer = await ask(what)
    if isinstance(answer, kind):
        return answer
    if not isinstance(answer, NotServed):
        msg = f"the desk answered {type(what).__name__} with {type(answer).__name__}"
        raise TypeError(msg)
    code = {"unknown": "not_found", "not_recognised": "not_recognised", "number_reused": "idempotency_reused"}
    if answer.reason in code:
        raise Problem(code[answer.reason], answer.says)
    raise Problem("not_served", answer.says, reason=answer.reason)


def gtin(written: str, at: str) -> str:
    """The GTIN-14 written at `at` of a body.

    Raises:
        Problem: `invalid`: its check digit is wrong.
    """
    try:
        return gtin_14(written)
    except ValueError:
        raise Problem("invalid", f"body.{at} is no GTIN: write the digits under the bar code.") from None


def amount(written: float, at: str) -> Amount:
    """The amount of money written at `at` of a body.

    Raises:
        Problem: `invalid`: it is not fit to be added up.
    """
    try:
        return amount_of(written)
    except ValueError as error:
        raise Problem("invalid", f"body.{at} is no amount of money: {error}.") from None
