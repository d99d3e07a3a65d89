"""RabbitMQ with its MQTT plugin, the nodes found by a list (rabbitmq.com, "Cluster Formation" and "MQTT Plugin")."""

import json
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from simulators.broker import free_port
from simulators.clusters.node import Node

_PROGRAM: Final = Path("/usr/lib/rabbitmq/bin/rabbitmq-server")
"""Debian's own start script; the one on the path becomes another user."""
_HOST: Final = "localhost"

_SETTINGS: Final = """listeners.tcp.1 = 127.0.0.1:{clients}
mqtt.listeners.tcp.1 = 127.0.0.1:{port}
mqtt.allow_anonymous = true
mqtt.default_user = guest
mqtt.default_pass = guest
cluster_formation.peer_discovery_backend = classic_config
cluster_formation.randomized_startup_delay_range.min = 0
cluster_formation.randomized_startup_delay_range.max = 2
disk_free_limit.absolute = 50MB
load_definitions = {definitions}
"""

_DEFINITIONS: Final = {
    "vhosts": [{"name": "/"}],
    "users": [{"name": "guest", "password": "guest", "tags": ["administrator"]}],
    "permissions": [{"user": "guest", "vhost": "/", "configure": ".*", "write": ".*", "read": ".*"}],
    "policies": [
        {
            "vhost": "/",
            "name": "mqtt",
            "pattern": "^mqtt-subscription-",
            "apply-to": "queues",
            "definition": {"ha-mode": "all"},
        }
    ],
}
"""Without the policy, a subscription dies with its node, and its client is refused until that node is back."""


def why_not() -> str | None:
    """Why it cannot run here; None when it can."""
    if _PROGRAM.exists() and _directory():
        return None
    return "RabbitMQ is not installed: apt install rabbitmq-server"


def nodes(folder: Path, count: int) -> Sequence[Node]:
    """The nodes of a cluster in `folder` with their settings written; the first is the directory that they share."""
    cookie = folder / ".erlang.cookie"
    cookie.write_text("proximity")
    cookie.chmod(0o400)
    (folder / "definitions.json").write_text(json.dumps(_DEFINITIONS))
    (folder / "plugins").write_text("[rabbitmq_mqtt].\n")
    directory = free_port()
    places = range(1, count + 1)
    peers = "".join(f"cluster_formation.classic_config.nodes.{place} = r{place}@{_HOST}\n" for place in places)
    members = [_node(folder, place, directory, peers) for place in places]
    listening = [str(_directory()), "-port", str(directory), "-address", "127.0.0.1"]
    return [Node("epmd", listening, {}, folder / "epmd.log", 0), *members]


def _node(folder: Path, place: int, directory: int, peers: str) -> Node:
    name, port = f"r{place}", free_port()
    settings = folder / f"{name}.conf"
    definitions = folder / "definitions.json"
    settings.write_text(_SETTINGS.format(clients=free_port(), port=port, definitions=definitions) + peers)
    environment = {
        "HOME": str(folder),
        "ERL_EPMD_PORT": str(directory),
        "RABBITMQ_NODENAME": f"{name}@{_HOST}",
        "RABBITMQ_DIST_PORT": str(free_port()),
        "RABBITMQ_MNESIA_BASE": str(folder / "mnesia"),
        "RABBITMQ_LOG_BASE": str(folder / "logs"),
        "RABBITMQ_CONFIG_FILE": str(settings),
        "RABBITMQ_ENABLED_PLUGINS_FILE": str(folder / "plugins"),
    }
    return Node(name, [str(_PROGRAM)], environment, folder / f"{name}.log", port, first=True)


def _directory() -> str | None:
    """Erlang's port mapper, which comes with its runtime."""
    found = sorted(Path("/usr/lib/erlang").glob("erts-*/bin/epmd"))
    return str(found[-1]) if found else shutil.which("epmd")
