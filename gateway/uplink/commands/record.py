"""`record`: what the shop hears for a while, as a capture in the state directory. Nobody can be found in it."""

from typing import Annotated

from pydantic import Field

from gateway.uplink.commands.deed import Arguments, Deed, Result
from gateway.uplink.commands.order import CommandRefused
from gateway.uplink.commands.reach import Reach
from gateway.uplink.commands.recorder import MOST_BYTES, MOST_S, Limits, Recorder, check_room


class RecordArguments(Arguments):
    """For how long (seconds), and at most how much (bytes)."""

    seconds: Annotated[float, Field(ge=1, le=MOST_S)]
    max_bytes: Annotated[int, Field(ge=1_024, le=MOST_BYTES)] = MOST_BYTES


async def look(reach: Reach, _arguments: RecordArguments) -> None:
    """Whether it can begin: one at a time, and only where there is room."""
    if reach.tape.runs:
        raise CommandRefused("busy", "A recording runs already. Wait for its end.")
    problem = check_room(reach.directory)
    if problem:
        raise CommandRefused("no_room", problem)


async def record(reach: Reach, arguments: RecordArguments, _gave: None) -> Result:
    """Where the capture lies, what is in it, and why it ended."""
    recorder = Recorder(reach.directory, Limits(arguments.seconds, arguments.max_bytes))
    return await recorder.run(reach.tape, reach.inbox.now())


RECORD = Deed(RecordArguments, record, prepare=look, lasts=True)
