"""What is told of satellites: how each stands, and what was lost on the way."""

from collections.abc import Mapping

from gateway.model.health import Condition
from gateway.sensing.satellites.receivers import Satellite


def standing(receiver: str, satellite: Satellite) -> Condition:
    """The condition of one satellite."""
    part = f"source:{receiver}"
    match satellite.why:
        case "hearing":
            dropped = f"{satellite.dropped} packets dropped by itself so far" if satellite.dropped else ""
            return Condition(part, "hearing", "ok", dropped)
        case "deaf":
            return Condition(part, "deaf", "error", f"{receiver} lives but says that its radio does not hear")
        case "offline":
            hint = f"the broker says that {receiver} is gone: has it power and Wi-Fi? Nobody counts as gone for it"
            return Condition(part, "offline", "error", hint)
        case "no_broker":
            return Condition(part, "no_broker", "error", f"{receiver} is not heard: its broker is not reached")
    hint = f"{receiver} says nothing: has it power and Wi-Fi, and does it publish under this name?"
    return Condition(part, "nothing_said", "error" if satellite.status == "down" else "warning", hint)


def losing(part: str, losses: Mapping[str, int], grown: Mapping[str, int]) -> Condition:
    """The condition of a source's messages: `losses` in all, `grown` since the last look."""
    part = f"{part}:messages"
    if grown["lost"]:
        hint = f"{losses['lost']} packets lost so far: the gateway is too slow for what its satellites hear"
        return Condition(part, "overrun", "warning", hint)
    if grown["late"]:
        hint = f"{losses['late']} packets so far came too late to mean anything: how is the satellites' Wi-Fi?"
        return Condition(part, "late", "warning", hint)
    if grown["refused"]:
        hint = f"{losses['refused']} messages so far are malformed, too many, or of satellites that are not named"
        return Condition(part, "not_read", "warning", f"{hint}: see `receivers`, `names` and who may publish there")
    return Condition(part, "flowing", "ok")
