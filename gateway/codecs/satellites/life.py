"""Whether a satellite gateway lives: its birth, retained, at every connection; its will, which differs in one word.

Source: "Satellite gateways" of the formats.
"""

import json
from dataclasses import dataclass
from typing import Final, Literal

from gateway.codecs.json_fields import FieldError, Fields
from gateway.codecs.satellites.report import NotRead

LIFE: Final = "life"
"""The level below a gateway's sightings where its satellites say whether they live, each under its own name."""
MOST_RECEIVERS: Final = 256
MOST_NAME_CHARS: Final = 64


@dataclass(frozen=True, slots=True)
class Life:
    """Of one connection, its `session`: whether it lasts (`up`), and the receivers that are heard by it."""

    status: Literal["up", "down"]
    session: str
    receivers: tuple[str, ...]


def encode(life: Life) -> bytes:
    """The message."""
    told = {"status": life.status, "session": life.session, "receivers": list(life.receivers[:MOST_RECEIVERS])}
    return json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()


def decode(payload: bytes) -> Life:
    """What a message says. Keys of newer satellites are ignored.

    Raises:
        NotRead: it is none.
    """
    try:
        fields = Fields.of(payload.decode())
        status: Literal["up", "down"] = fields.one_of("status", "up", "down")
        session, receivers = fields.text("session"), fields.texts("receivers", MOST_RECEIVERS)
    except (FieldError, UnicodeDecodeError) as error:
        raise NotRead(str(error) if isinstance(error, FieldError) else "it is not UTF-8") from error
    if max(map(len, (session, *receivers))) > MOST_NAME_CHARS:
        raise NotRead(f"a name in it has more than {MOST_NAME_CHARS} characters")
    return Life(status, session, receivers)
