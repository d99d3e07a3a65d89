"""What an operator may set about the broker, and what is wrong with it before anything is tried."""

from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from stat import S_IFDIR, S_IFREG
from typing import Final, Literal
from urllib.parse import urlsplit

from gateway.runtime.files import kind_of

DEFAULT_PORTS: Final = {"mqtt": 1883, "mqtts": 8883}
CREDENTIALS: Final = Path("/run/credentials")
"""Where systemd puts the credentials of services while they run."""


@dataclass(frozen=True, slots=True)
class MqttOptions:
    """The `[mqtt]` table of the settings."""

    url: str | tuple[str, ...] = "mqtt://127.0.0.1:1883"
    """The broker, or several to be tried in turn: `mqtts://HOST:PORT`, or `mqtt://` in plain text on this machine."""
    ca: Path | None = None
    """PEM file of the authorities that may sign the broker's certificate; None = those of the system."""
    certificate: Path | None = None
    """PEM file of this gateway's own certificate, where the broker asks for one."""
    key: Path | None = None
    """PEM file of the private key of `certificate`; None = it is in the same file."""
    username: str | None = None
    """The name to sign in with, where the broker asks for one."""
    password_file: Path | None = None
    """A file that holds the password and nothing else (a final line end is dropped); read anew at every connection."""
    acknowledge: Literal["head-office", "broker"] = "head-office"
    """Who says that an event is delivered: head office by its acks, or, where it sends none, the broker's PUBACK."""
    allow_plain_text: bool = False
    """Permit `mqtt://` to another machine, where anybody on the way can read and alter what is said."""
    keepalive_s: int = 30
    """After so long without a word the link is tested, and after as long again given up (seconds, 5 to 65535)."""
    connect_timeout_s: float = 10.0
    """The most that DNS, TCP, TLS and the broker's welcome may take together (seconds)."""
    retry_min_s: float = 1.0
    """The pause after the first failed connection, doubling from there, with jitter (seconds)."""
    retry_max_s: float = 60.0
    """The longest pause between two attempts (seconds); at most 8 s in the first five minutes of an outage."""
    in_flight: int = 100
    """How many messages may await their PUBACK at once; a broker that takes fewer says so and is obeyed."""
    max_incoming_bytes: int = 16 * 1024 * 1024
    """The largest packet that the broker may send (bytes; told to it under MQTT 5)."""

    @property
    def urls(self) -> tuple[str, ...]:
        """The brokers in the order they are tried."""
        return (self.url,) if isinstance(self.url, str) else self.url


@dataclass(frozen=True, slots=True)
class BrokerAddress:
    """Where a broker listens, and whether it speaks TLS there."""

    host: str
    port: int
    tls: bool

    @property
    def loopback(self) -> bool:
        """Whether what is said to it stays on this machine."""
        try:
            return ip_address(self.host).is_loopback
        except ValueError:
            return self.host == "localhost"

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"


@dataclass(frozen=True, slots=True)
class OptionProblem:
    """A setting that cannot work: its key, what is wrong with it, what to write instead."""

    key: str
    problem: str
    hint: str


def parse_url(url: str) -> BrokerAddress:
    """The address in `mqtt://HOST[:PORT]` (port 1883) or `mqtts://HOST[:PORT]` (port 8883).

    Raises:
        ValueError: `url` is not of that form.
    """
    if "@" in url:
        msg = "a broker's url holds no credentials: write username and password_file"
        raise ValueError(msg)
    parts = urlsplit(url)
    if parts.scheme not in DEFAULT_PORTS:
        msg = f"{url!r} is no broker: write mqtts://HOST:PORT"
        raise ValueError(msg)
    if not parts.hostname or parts.path not in {"", "/"} or parts.query or parts.fragment:
        msg = f"{url!r} has to name a host, perhaps a port, and nothing else: write mqtts://HOST:PORT"
        raise ValueError(msg)
    return BrokerAddress(parts.hostname, parts.port or DEFAULT_PORTS[parts.scheme], tls=parts.scheme == "mqtts")


def problems(options: MqttOptions) -> list[OptionProblem]:
    """Everything that is wrong with `options`, as far as it shows without asking a broker."""
    found = [problem for url in options.urls for problem in _url_problems(url, options)]
    if not options.urls:
        found.append(OptionProblem("mqtt.url", "no broker is named", "write mqtts://HOST:PORT"))
    if options.key is not None and options.certificate is None:
        found.append(OptionProblem("mqtt.key", "there is a key but no certificate", "write mqtt.certificate too"))
    if options.password_file is not None and options.username is None:
        found.append(OptionProblem("mqtt.password_file", "there is a password but no username", "write mqtt.username"))
    found += _file_problems(options)
    found += _range_problems(options)
    return found


def _url_problems(url: str, options: MqttOptions) -> list[OptionProblem]:
    try:
        address = parse_url(url)
    except ValueError as error:
        return [OptionProblem("mqtt.url", str(error), "an example: mqtts://broker.example:8883")]
    if not address.tls and not address.loopback and not options.allow_plain_text:
        return [
            OptionProblem(
                "mqtt.url",
                f"{address} would be spoken to in plain text, which anybody on the way can read and alter",
                "write mqtts://, or allow_plain_text = true where the network itself is trusted",
            )
        ]
    return []


def _file_problems(options: MqttOptions) -> list[OptionProblem]:
    files = {
        "ca": options.ca,
        "certificate": options.certificate,
        "key": options.key,
        "password_file": options.password_file,
    }
    return [
        OptionProblem(f"mqtt.{name}", f"{path} is not there or no file", "write the path of a file that can be read")
        for name, path in files.items()
        if path is not None and kind_of(path) != S_IFREG and not _comes_with_the_service(path)
    ]


def _comes_with_the_service(path: Path) -> bool:
    """Whether systemd puts it there when it starts the service, and has not yet (systemd.exec(5), LoadCredential=)."""
    return path.is_relative_to(CREDENTIALS) and kind_of(path.parent) != S_IFDIR


def _range_problems(options: MqttOptions) -> list[OptionProblem]:
    ranges: tuple[tuple[str, float, float, float], ...] = (
        ("keepalive_s", options.keepalive_s, 5, 65_535),
        ("connect_timeout_s", options.connect_timeout_s, 0.1, 300),
        ("retry_min_s", options.retry_min_s, 0.01, options.retry_max_s),
        ("retry_max_s", options.retry_max_s, options.retry_min_s, 3_600),
        ("in_flight", options.in_flight, 1, 10_000),
        ("max_incoming_bytes", options.max_incoming_bytes, 65_536, 268_435_455),
    )
    return [
        OptionProblem(f"mqtt.{name}", f"{value} is out of range", f"write a number from {low:g} to {high:g}")
        for name, value, low, high in ranges
        if not low <= value <= high
    ]
