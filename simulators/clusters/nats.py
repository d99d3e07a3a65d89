"""NATS with JetStream and its MQTT 3.1.1, every stream on all nodes (docs.nats.io, "MQTT")."""

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from simulators.broker import free_port
from simulators.clusters.node import Node

_SERVER: Final = "nats-server"
_PATH: Final = "/usr/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin"

_SETTINGS: Final = """server_name: {name}
listen: "127.0.0.1:{clients}"
jetstream {{ store_dir: "{folder}" }}
cluster {{ name: proximity, listen: "127.0.0.1:{peers}", routes: [{routes}] }}
mqtt {{ listen: "127.0.0.1:{port}", stream_replicas: {count} }}
"""


def why_not() -> str | None:
    """Why it cannot run here; None when it can."""
    return None if _program() else "NATS is not installed: apt install nats-server"


def nodes(folder: Path, count: int) -> Sequence[Node]:
    """The nodes of a cluster in `folder`, with their settings written."""
    peers = [free_port() for _ in range(count)]
    routes = ", ".join(f'"nats://127.0.0.1:{port}"' for port in peers)
    return [_node(folder, number, count, peers[number], routes) for number in range(count)]


def _node(folder: Path, number: int, count: int, peers: int, routes: str) -> Node:
    name, port = f"n{number + 1}", free_port()
    settings = folder / f"{name}.conf"
    settings.write_text(
        _SETTINGS.format(
            name=name, clients=free_port(), folder=folder / name, peers=peers, routes=routes, port=port, count=count
        )
    )
    return Node(name, [str(_program()), "-c", str(settings)], {}, folder / f"{name}.log", port)


def _program() -> str | None:
    return shutil.which(_SERVER, path=_PATH)
