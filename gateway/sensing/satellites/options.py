"""Satellites' settings: which they are, how they speak, and where."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final, Literal

from gateway.codecs.satellites import DIALECTS
from gateway.mqtt import options as mqtt
from gateway.mqtt.options import MqttOptions

MOST_SATELLITES: Final = 256
SHORTEST_SILENCE_S: Final = 5.0


@dataclass(frozen=True, slots=True)
class SatelliteOptions:
    """A `[[sources]]` table of kind `satellites`."""

    receivers: tuple[str, ...]
    """The receivers' ids in the floor plan. What others say is not heard."""
    speaks: Literal["proximity", "espresense", "theengs"] = "proximity"
    """What they publish: our own batches, ESPresense's messages, or those of OpenMQTTGateway and Theengs Gateway."""
    names: Mapping[str, str] = field(default_factory=dict)
    """What satellites call themselves in their topics, where that is not the receiver's id: `{ kitchen = "sat-1" }`."""
    topic: str | None = None
    """Where they publish, up to the part that differs; None = where that firmware does unless told otherwise."""
    silence_s: float | None = None
    """A satellite that says nothing for so long is down (seconds); None = by what it speaks: 15, 60 or 300."""
    guests: bool = False
    """Count strangers' phones too, in memory alone. Off until whoever runs the shop has a legal basis for it."""
    url: str | None = None
    """The broker that they publish to: `mqtts://HOST:PORT`, `mqtt://HOST:PORT`; None = that of `[mqtt]`."""
    ca: Path | None = None
    """PEM file of the authorities that may sign that broker's certificate; None = those of the system."""
    username: str | None = None
    """The name to sign in with there."""
    password_file: Path | None = None
    """A file that holds the password and nothing else."""
    allow_plain_text: bool = False
    """Permit `mqtt://` to another machine: satellites are often too small for TLS, in a network of their own."""

    def broker(self, uplink: MqttOptions | None) -> MqttOptions | None:
        """How to reach the broker; None where neither this nor `[mqtt]` names one."""
        if self.url is None:
            return uplink
        return MqttOptions(
            self.url,
            ca=self.ca,
            username=self.username,
            password_file=self.password_file,
            allow_plain_text=self.allow_plain_text,
            retry_max_s=8.0,
        )


def problems(options: SatelliteOptions) -> list[tuple[str, str, str]]:
    """What is wrong with the options, as (key, problem, hint)."""
    found = []
    receivers = set(options.receivers)
    if not receivers or "" in receivers or len(receivers) != len(options.receivers) > 0:
        found.append(("receivers", "it names no receiver, or one twice", "write the ids that the floor plan has"))
    if len(receivers) > MOST_SATELLITES:
        found.append(("receivers", f"it names {len(receivers)}", f"write at most {MOST_SATELLITES}"))
    unknown = sorted(set(options.names.values()) - receivers)
    if unknown:
        found.append(("names", f"{', '.join(unknown)} is none of receivers", "name only receivers of this source"))
    if options.topic is not None and (not options.topic or set(options.topic) & {"+", "#"}):
        found.append(("topic", f"{options.topic!r} is no topic", "write the first levels, without + and #"))
    if options.silence_s is not None and not SHORTEST_SILENCE_S <= options.silence_s < float("inf"):
        hint = f"write {SHORTEST_SILENCE_S:g} or more (seconds)"
        found.append(("silence_s", f"{options.silence_s} is out of range", hint))
    broker = options.broker(None)
    if broker is not None:
        found += [(each.key.removeprefix("mqtt."), each.problem, each.hint) for each in mqtt.problems(broker)]
    return found


def filled(options: SatelliteOptions, home: str) -> SatelliteOptions:
    """The options with what was left out; `home` is where our own satellites publish."""
    dialect = DIALECTS[options.speaks]
    return replace(
        options, topic=options.topic or dialect.topic or home, silence_s=options.silence_s or dialect.silence_s
    )
