"""A one-room shop with a real gateway over a real broker: what the tests of documents, feeds and commands start."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from gateway.model.store import StoreRef
from simulators.gateway_process import GatewayProcess
from simulators.signer import Signer
from tests.brokers import Mosquitto, free_port

STORE: Final = StoreRef("demo", "office", "gw-1")
PLAN: Final = """[store]
id = "office"
tenant = "demo"
timezone = "Europe/Paris"
languages = ["en"]
[[zones]]
id = "floor"
kind = "aisle"
"""


def office_gateway(
    folder: Path, broker: Mosquitto, signer: Signer, plan: str = PLAN, environ: Mapping[str, str] | None = None
) -> GatewayProcess:
    """A gateway in `folder` that serves HTTP on a free port and takes inputs at a socket; not started yet."""
    (folder / "floorplan.toml").write_text(plan)
    return GatewayProcess(
        folder,
        store=STORE,
        floorplan=folder / "floorplan.toml",
        broker_url=broker.url,
        signer=signer,
        http=f"127.0.0.1:{free_port()}",
        sources=[{"kind": "input", "socket": "input.sock"}],
        environ=environ,
    )
