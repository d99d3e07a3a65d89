"""`erase`: a member is forgotten, here and in what still waits to be sent; it lasts."""

from dataclasses import asdict
from typing import Annotated

from pydantic import Field

from gateway.model.commands import ErasedState
from gateway.model.inputs import Erase
from gateway.uplink.commands.deed import Arguments, Deed, Result
from gateway.uplink.commands.reach import Reach

Handle = Annotated[str, Field(min_length=1, max_length=256)]
"""As a members document or a credential names a member, without the `m.` of events."""


class EraseArguments(Arguments):
    """Whom."""

    handle: Handle


async def seek(reach: Reach, arguments: EraseArguments) -> None:
    """Find the member's events beside the writer, so that the erasure itself holds nothing up."""
    subject = f"m.{arguments.handle}"
    reach.erasures.expect(subject, await reach.outbox.holding(subject))


async def tell(reach: Reach, arguments: EraseArguments, gave: ErasedState) -> Result:
    """How much went."""
    rows = reach.erasures.outcome(f"m.{arguments.handle}")
    return asdict(gave) | ({} if rows is None else asdict(rows))


ERASE = Deed(
    EraseArguments,
    tell,
    prepare=seek,
    entrust=lambda arguments, order: Erase(arguments.handle, order),
)
