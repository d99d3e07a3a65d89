"""A fault in the thread that watches a reader ends the source, to be started again: no reader that is silent."""

import asyncio
from pathlib import Path

import pytest

from gateway.model.inputs import DocumentReady, ReceiverHealth
from gateway.runtime.health import Health
from gateway.sensing.nfc.options import NfcOptions
from gateway.sensing.nfc.source import NfcSource
from gateway.sensing.nfc.watch import Watch
from gateway.sensing.source import Surroundings


class FaultyWatch(Watch):
    """Fails as it looks for the daemon."""

    def _look(self) -> None:
        raise LookupError(self)


async def test_the_fault_is_raised_where_tags_are_waited_for() -> None:
    def no_document(path: Path, name: str) -> DocumentReady:
        raise AssertionError(path, name)

    source = NfcSource(NfcOptions("nfc-1"), Surroundings(Path("/nowhere"), Health(), no_document), FaultyWatch)
    async with source, asyncio.timeout(60):
        heard = aiter(source)
        assert (await anext(heard)).input == ReceiverHealth("nfc-1", "down")
        with pytest.raises(LookupError):
            await anext(heard)
