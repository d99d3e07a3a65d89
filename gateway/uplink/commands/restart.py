"""`restart`: answers, stops in order, and is started again by the service manager."""

from gateway.uplink.commands.deed import Arguments, Deed, Result
from gateway.uplink.commands.reach import Reach


class RestartArguments(Arguments):
    """None."""


async def promise(_reach: Reach, _arguments: RestartArguments, _gave: None) -> Result:
    """What is about to happen: `gateway.stopped`, then `gateway.started`, tell that it did."""
    return {}


RESTART = Deed(RestartArguments, promise, then=lambda reach: reach.stop())
