"""Every command there is: a new one is a file beside this and a line here."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from gateway.uplink.commands.deed import Deed
from gateway.uplink.commands.erase import ERASE
from gateway.uplink.commands.explain import EXPLAIN
from gateway.uplink.commands.lock import LOCK
from gateway.uplink.commands.log_level import LOG_LEVEL
from gateway.uplink.commands.ping import PING
from gateway.uplink.commands.record import RECORD
from gateway.uplink.commands.restart import RESTART
from gateway.uplink.commands.snapshot import SNAPSHOT

DEEDS: Final[Mapping[str, Deed]] = MappingProxyType(
    {
        "ping": PING,
        "snapshot": SNAPSHOT,
        "erase": ERASE,
        "explain": EXPLAIN,
        "lock": LOCK,
        "record": RECORD,
        "restart": RESTART,
        "log-level": LOG_LEVEL,
    }
)
"""By the last level of the topic."""
