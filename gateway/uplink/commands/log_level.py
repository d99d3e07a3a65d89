"""`log-level`: more, or less, in the log for a while."""

from typing import Annotated

from pydantic import Field

from gateway.model.time import rfc3339
from gateway.runtime.logs import Level
from gateway.uplink.commands.deed import Arguments, Deed, Result
from gateway.uplink.commands.reach import Reach


class LogLevelArguments(Arguments):
    """From which level up, for how long (seconds)."""

    level: Level
    seconds: Annotated[float, Field(ge=1, le=86_400)]


async def set_level(reach: Reach, arguments: LogLevelArguments, _gave: None) -> Result:
    """Until when; then it is what the settings say again, by itself."""
    reach.loudness.turn(arguments.level, arguments.seconds)
    return {"level": arguments.level, "until": rfc3339(reach.inbox.now().utc_s + arguments.seconds)}


LOG_LEVEL = Deed(LogLevelArguments, set_level)
