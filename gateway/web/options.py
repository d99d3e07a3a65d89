"""Where HTTP is served: the `[http]` table of the settings."""

import re
from dataclasses import dataclass
from typing import Literal

HIGHEST_PORT = 65_535
ORIGIN = re.compile(r"https?://[A-Za-z0-9.\-]+(:[0-9]{1,5})?")


@dataclass(frozen=True, slots=True)
class HttpOptions:
    """The `[http]` table; without it nothing is served."""

    listen: str = "127.0.0.1:8080"
    """`HOST:PORT`, an IPv6 host in brackets; loopback until an operator opens it. Port 0 takes any free one."""
    simulator: str | None = None
    """Where a simulator's controls are (`http://HOST:PORT`): the page shows its buttons. Absent in a real shop."""


@dataclass(frozen=True, slots=True)
class ListenAddress:
    """A numeric or named host and a port."""

    host: str
    port: int

    @property
    def family(self) -> Literal["inet", "inet6"]:
        """Which kind of socket it takes."""
        return "inet6" if ":" in self.host else "inet"

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"


def parse_listen(text: str) -> ListenAddress:
    """The address in `HOST:PORT` or `[IPV6]:PORT`.

    Raises:
        ValueError: `text` is not of that form.
    """
    host, colon, port = text.rpartition(":")
    bracketed = host.startswith("[") and host.endswith("]")
    if not colon or not host or not port.isascii() or not port.isdigit() or (":" in host and not bracketed):
        msg = f"{text!r} is no HOST:PORT"
        raise ValueError(msg)
    if int(port) > HIGHEST_PORT:
        msg = f"{text!r} has a port above {HIGHEST_PORT}"
        raise ValueError(msg)
    return ListenAddress(host[1:-1] if bracketed else host, int(port))


def problems(options: HttpOptions) -> list[tuple[str, str, str]]:
    """What is wrong with the options as far as it shows without listening, as (key, problem, hint)."""
    found = []
    try:
        parse_listen(options.listen)
    except ValueError as error:
        found.append(("listen", str(error), "an example: 127.0.0.1:8080, or [::]:8080 for every network"))
    if options.simulator is not None and ORIGIN.fullmatch(options.simulator) is None:
        found.append(("simulator", f"{options.simulator!r} is no origin", "write http://HOST:PORT alone"))
    return found
