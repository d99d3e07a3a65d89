"""`ping`: is it there, which version, since when, what is in force."""

import time

from gateway.model.time import rfc3339
from gateway.uplink.commands.deed import Arguments, Deed, Result
from gateway.uplink.commands.reach import Reach


class PingArguments(Arguments):
    """None."""


async def ping(reach: Reach, _arguments: PingArguments, _gave: None) -> Result:
    """What `pulse` gives."""
    return pulse(reach)


def pulse(reach: Reach) -> Result:
    """Version, uptime, clock, the serials of the documents in force."""
    now = reach.inbox.now()
    return {
        "version": reach.version,
        "uptime_s": round(time.monotonic() - reach.started_s, 3),
        "clock": now.clock,
        "utc": rfc3339(now.utc_s),
        "documents": dict(reach.tape.serials),
    }


PING = Deed(PingArguments, ping)
