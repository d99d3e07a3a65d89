"""The gateway's own state on the broker: its birth when it connects, its will when it is gone."""

import json
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DocumentInUse:
    """A document that decides at the moment: its serial and `sha256:` digest."""

    serial: int
    digest: str


def state_payload(
    *, online: bool, session: str, version: str, incarnation: str, documents: Mapping[str, DocumentInUse]
) -> bytes:
    """The retained message of `state` as UTF-8 JSON; birth and will differ in `online` alone.

    `session` is new for every connection: a will counts only for the session that the last birth named.
    """
    return json.dumps(
        {
            "online": online,
            "session": session,
            "version": version,
            "incarnation": incarnation,
            "documents": {
                name: {"serial": document.serial, "digest": document.digest}
                for name, document in sorted(documents.items())
            },
        },
        separators=(",", ":"),
    ).encode()
