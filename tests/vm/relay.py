"""Connections at one address carried on to another: `relay.py FROM TO`, each a path of a Unix socket or HOST:PORT."""

import asyncio
import sys

_Ends = tuple[asyncio.StreamReader, asyncio.StreamWriter]


async def relaying(here: str, there: str) -> asyncio.Server:
    """Listen at `here`; whoever connects talks to `there`, and is left when either side ends."""

    async def carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            far_reader, far_writer = await _connect(there)
        except OSError:
            writer.close()
            return
        both = [asyncio.ensure_future(_pour(reader, far_writer)), asyncio.ensure_future(_pour(far_reader, writer))]
        await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
        for each in both:
            each.cancel()
        await asyncio.gather(*both, return_exceptions=True)
        writer.close()
        far_writer.close()

    if here.startswith("/"):
        return await asyncio.start_unix_server(carry, here)
    host, _, port = here.rpartition(":")
    return await asyncio.start_server(carry, host, int(port))


async def _connect(there: str) -> _Ends:
    if there.startswith("/"):
        return await asyncio.open_unix_connection(there)
    host, _, port = there.rpartition(":")
    return await asyncio.open_connection(host, int(port))


async def _pour(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while content := await reader.read(65_536):
        writer.write(content)
        await writer.drain()


async def main(here: str, there: str) -> None:
    async with await relaying(here, there) as server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
