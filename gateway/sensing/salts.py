"""Salts: every five minutes new randomness for counting strangers, kept in memory alone."""

import asyncio
from secrets import token_bytes
from typing import Final

from gateway.model.inputs import FreshSalt
from gateway.runtime.inbox import Inbox, InboxClosed

EVERY_S: Final = 300.0
"""On this grid of UTC (seconds): three to a quarter of an hour."""
LATE_S: Final = 0.01
"""So much after it (seconds), lest a rounded sleep end before."""
SALT_BYTES: Final = 32


async def renew_salts(inbox: Inbox) -> None:
    """Put a fresh salt now and at each mark of the grid, until nothing is taken any more."""
    try:
        while True:
            await inbox.put(FreshSalt(token_bytes(SALT_BYTES), token_bytes(SALT_BYTES)))
            await asyncio.sleep(EVERY_S - inbox.now().utc_s % EVERY_S + LATE_S)
    except InboxClosed:
        return
