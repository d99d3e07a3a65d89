"""`snapshot`: how the gateway is, as `/healthz` and `outbox` tell it. Nobody is in it."""

from gateway.model.time import rfc3339
from gateway.storage.standing import StreamStanding
from gateway.uplink.commands.deed import Arguments, Deed, Result
from gateway.uplink.commands.ping import pulse
from gateway.uplink.commands.reach import Reach
from gateway.uplink.wire import sequence_text


class SnapshotArguments(Arguments):
    """None."""


async def snapshot(reach: Reach, _arguments: SnapshotArguments, _gave: None) -> Result:
    """What `ping` gives, health, totals since the start, and what waits."""
    conditions = [
        {"part": each.part, "code": each.code, "severity": each.severity, "hint": each.hint}
        for each in reach.health.conditions()
    ]
    standing = [_standing(each) for each in await reach.outbox.by_class()]
    return {**pulse(reach), "conditions": conditions, "counters": dict(reach.counters()), "outbox": standing}


def _standing(stream: StreamStanding) -> dict[str, object]:
    return {
        "incarnation": stream.incarnation,
        "class": stream.stream,
        "depth": stream.depth,
        "oldest_at": None if stream.oldest_utc_s is None else rfc3339(stream.oldest_utc_s),
        "next_sequence": sequence_text(stream.next_sequence),
        "acked": sequence_text(stream.acked),
        "bytes": stream.bytes,
    }


SNAPSHOT = Deed(SnapshotArguments, snapshot)
