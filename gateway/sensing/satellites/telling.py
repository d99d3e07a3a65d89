"""What is told of satellites: how each stands, and what was lost on the way."""

import re
from collections.abc import Mapping
from typing import Final

from gateway.codecs.satellites.reading import Refusal
from gateway.model.health import Condition
from gateway.sensing.satellites.receivers import Satellite

_NAME: Final = re.compile(r"[\w.~-]{1,64}")
"""A name as it may be shown: whoever reaches the broker can write anything there."""


def standing(receiver: str, satellite: Satellite) -> Condition:
    """The condition of one satellite."""
    part = f"source:{receiver}"
    match satellite.why:
        case "hearing":
            dropped = f"{satellite.dropped} packets dropped by itself so far" if satellite.dropped else ""
            return Condition(part, "hearing", "ok", dropped, {"count": satellite.dropped} if dropped else {})
        case "deaf":
            return Condition(part, "deaf", "error", f"{receiver} lives but says that its radio does not hear")
        case "offline":
            by = _shown(satellite.gone_with, "a satellite gateway whose name cannot be shown")
            who = f"{by}, by which {receiver} is heard," if satellite.gone_with else receiver
            hint = f"the broker says that {who} is gone: has it power and Wi-Fi? Nobody counts as gone for it"
            values = {"case": "with", "by": _shown(satellite.gone_with, "?")} if satellite.gone_with else {}
            return Condition(part, "offline", "error", hint, values)
        case "no_broker":
            return Condition(part, "no_broker", "error", f"{receiver} is not heard: its broker is not reached")
    hint = f"{receiver} says nothing: has it power and Wi-Fi, and does it publish under this name?"
    return Condition(part, "nothing_said", "error" if satellite.status == "down" else "warning", hint)


def refusing(part: str, count: int, why: Refusal, receiver: str) -> Condition:
    """The condition of a source that passed `count` readings over, the last one `why`, of the `receiver` so named."""
    told = f"of {count} scanned or tapped at satellites so far nothing came; the last"
    if why == "not_understood":
        hint = f"{told} is not understood by this version: update this gateway before its satellites"
        values: dict[str, object] = {"case": why, "count": count}
    else:
        named = _shown(receiver, "a receiver whose name cannot be shown")
        hint = f"{told} is of {named}, which no source of satellites names: add it to `receivers` and restart"
        values = {"case": "unknown_receiver", "count": count, "receiver": _shown(receiver, "?")}
    return Condition(f"{part}:readings", "passed_over", "warning", hint, values)


def losing(part: str, losses: Mapping[str, int], grown: Mapping[str, int]) -> Condition:
    """The condition of a source's messages: `losses` in all, `grown` since the last look."""
    part = f"{part}:messages"
    if grown["lost"]:
        hint = f"{losses['lost']} packets lost so far: the gateway is too slow for what its satellites hear"
        return Condition(part, "overrun", "warning", hint, {"count": losses["lost"]})
    if grown["late"]:
        hint = f"{losses['late']} packets so far came too late to mean anything: how is the satellites' Wi-Fi?"
        return Condition(part, "late", "warning", hint, {"count": losses["late"]})
    if grown["refused"]:
        hint = f"{losses['refused']} messages so far are malformed, too many, or of satellites that are not named"
        hint = f"{hint}: see `receivers`, `names` and who may publish there"
        return Condition(part, "not_read", "warning", hint, {"count": losses["refused"]})
    return Condition(part, "flowing", "ok")


def _shown(name: str, otherwise: str) -> str:
    return name if _NAME.fullmatch(name) else otherwise
