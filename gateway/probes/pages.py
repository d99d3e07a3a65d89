"""Whether the gateway's pages answer where the settings say."""

import asyncio
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from typing import Final

from gateway.probes.finding import Finding
from gateway.web.options import HttpOptions, ListenAddress, parse_listen

PATIENCE_S: Final = 3.0
ANY_ADDRESS: Final = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - what an operator may listen on, asked on loopback
READY: Final = frozenset({200, 401})
"""Also who wants a credential answers: the address is not loopback's, so that this machine is nobody special there."""
NOT_READY: Final = 503


@dataclass(frozen=True, slots=True)
class PagesSeen:
    """The status that `/readyz` answered with, or why there was no answer."""

    address: ListenAddress
    status: int | None = None
    trouble: str = ""


async def ask_pages(options: HttpOptions) -> PagesSeen:
    """Ask for `/readyz` on this machine."""
    return await asyncio.to_thread(_ask, parse_listen(options.listen))


def judge_pages(seen: PagesSeen) -> Finding:
    """Whether shoppers and staff see pages."""
    means = "staff and shoppers see no page, the app gets no answer"
    journal = "journalctl -u proximity-gateway -n 50"
    if seen.address.port == 0:
        return Finding("pages", "skipped", "http.listen takes any free port: the journal says which")
    if seen.status is None:
        mend = f"sudo systemctl start proximity-gateway; {journal}"
        return Finding("pages", "problem", f"nothing answers at {seen.address}: {seen.trouble}", means, mend)
    if seen.status in READY:
        return Finding("pages", "ok", f"the gateway answers at {seen.address}")
    if seen.status == NOT_READY:
        return Finding(
            "pages",
            "warning",
            f"the gateway at {seen.address} is not ready yet",
            "its first commit is not written",
            journal,
        )
    found = f"what answers at {seen.address} is not this gateway (status {seen.status})"
    return Finding(
        "pages", "problem", found, means, "sudo ss -ltnp shows who listens there; end it, or change http.listen"
    )


def _ask(address: ListenAddress) -> PagesSeen:
    if address.port == 0:
        return PagesSeen(address)
    connection = HTTPConnection(ANY_ADDRESS.get(address.host, address.host), address.port, timeout=PATIENCE_S)
    try:
        connection.request("GET", "/readyz")
        return PagesSeen(address, connection.getresponse().status)
    except OSError as error:
        return PagesSeen(address, trouble=error.strerror or str(error) or type(error).__name__)
    except HTTPException as error:
        return PagesSeen(address, trouble=f"it does not speak HTTP ({type(error).__name__})")
    finally:
        connection.close()
