"""The daemons of the guest: its bus, bluetoothd, the adapter's air, the gateway; and how they are doing."""

import json
import re
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

RECEIVER: Final = "gw-1"
HTTP: Final = "127.0.0.1:8080"
ACCOUNT: Final = "proximity-gateway"

_BUS: Final = Path("/run/dbus/system_bus_socket")
_ADAPTER: Final = "/org/bluez/hci0"
_PATIENCE_S: Final = 120.0
_POLL_S: Final = 0.25
_ASK_S: Final = 20.0
_SAMPLE: Final = re.compile(r"^(proximity_\S+) (\S+)$", re.MULTILINE)


class Machine:
    """Starts and kills the daemons by name; what they say goes to a file each in `logs`."""

    def __init__(self, logs: Path) -> None:
        self._logs = logs
        self._counted = Path("/run/packets")
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def start_bus_and_bluetoothd(self) -> None:
        _BUS.unlink(missing_ok=True)
        self._start("dbus", "dbus-daemon", "--system", "--nofork", "--nopidfile")
        wait_until("D-Bus", _BUS.is_socket)
        self.start_bluetoothd()

    def start_bluetoothd(self) -> None:
        self._start("bluetoothd", "/usr/libexec/bluetooth/bluetoothd", "--nodetach", "--experimental")

    def plug(self) -> None:
        self._start("air", sys.executable, "-m", "tests.vm.air", str(self._counted))

    def start_gateway(self, settings: Path) -> None:
        as_account = ("setpriv", f"--reuid={ACCOUNT}", f"--regid={ACCOUNT}", "--clear-groups")
        self._start("gateway", *as_account, "proximity-gateway", "run", "--settings", str(settings))

    def stop_gateway(self) -> int:
        """Its exit status."""
        self._running["gateway"].terminate()
        return self._running["gateway"].wait(_PATIENCE_S)

    @property
    def gateway_lives(self) -> bool:
        """Whether the process that was started still runs."""
        return self._running["gateway"].poll() is None

    def kill(self, *names: str) -> None:
        for name in names:
            self._running[name].kill()
            self._running[name].wait()

    @property
    def powered(self) -> bool:
        asked = ("Properties.Get", "string:org.bluez.Adapter1", "string:Powered")
        return "true" in _called(*asked)

    def power(self, *, on: bool) -> None:
        value = f"variant:boolean:{str(on).lower()}"
        _called("Properties.Set", "string:org.bluez.Adapter1", "string:Powered", value)

    @property
    def reported(self) -> int:
        """Packets that the controller reported since it was plugged in last."""
        return int(self._counted.read_text()) if self._counted.exists() else 0

    @property
    def inputs(self) -> float:
        """Inputs that the gateway took since it started: packets, but for a handful."""
        return metrics().get("proximity_inputs_total", 0.0)

    @property
    def receiver_up(self) -> bool | None:
        """What the gateway says of its receiver; None = nothing yet."""
        up = metrics().get(f'proximity_receiver_up{{receiver="{RECEIVER}"}}')
        return None if up is None else up == 1.0

    def condition(self, part: str) -> str | None:
        """The code of what the gateway says of a part of its own; None = nothing, or it does not answer."""
        try:
            with urllib.request.urlopen(f"http://{HTTP}/healthz", timeout=_ASK_S) as answer:
                conditions = json.load(answer)["conditions"]
        except (urllib.error.URLError, TimeoutError):
            return None
        return next((str(each["code"]) for each in conditions if each["part"] == part), None)

    def _start(self, name: str, *command: str) -> None:
        with (self._logs / f"{name}.log").open("ab") as log:
            self._running[name] = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)


def metrics() -> Mapping[str, float]:
    """The gateway's metrics by name and labels; none while it does not answer."""
    try:
        with urllib.request.urlopen(f"http://{HTTP}/metrics", timeout=_ASK_S) as answer:
            return {name: float(value) for name, value in _SAMPLE.findall(answer.read().decode())}
    except (urllib.error.URLError, TimeoutError):
        return {}


def wait_until(what: str, true: Callable[[], object]) -> float:
    """How long it took (seconds).

    Raises:
        TimeoutError: it is not so within two minutes.
    """
    began_s = time.monotonic()
    while not true():
        if time.monotonic() - began_s > _PATIENCE_S:
            msg = f"waited {_PATIENCE_S:.0f} s in vain for: {what}"
            raise TimeoutError(msg)
        time.sleep(_POLL_S)
    return time.monotonic() - began_s


def _called(member: str, *arguments: str) -> str:
    """What the adapter answers; nothing where there is none."""
    address = ("--system", "--print-reply", "--dest=org.bluez", _ADAPTER)
    command = ("dbus-send", *address, f"org.freedesktop.DBus.{member}", *arguments)
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=_ASK_S).stdout
