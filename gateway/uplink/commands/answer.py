"""The answer to a command, as head office reads it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from gateway.model.time import rfc3339

Status = Literal["started", "done", "refused", "failed"]


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of a command.

    `started` promises another answer; `refused` = it had no effect; `failed` = it was used and did not do all it
    should. `reason` is a stable code and `problem` a sentence, both for `refused` and `failed`.
    """

    id: str | None
    command: str
    status: Status
    reason: str | None = None
    problem: str | None = None
    result: Mapping[str, object] | None = None

    def encode(self, utc_s: float) -> bytes:
        """The message, given the time in seconds since 1970."""
        said = {
            "id": self.id,
            "command": self.command,
            "status": self.status,
            "reason": self.reason,
            "problem": self.problem,
            "result": self.result,
            "at": rfc3339(utc_s),
        }
        return json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode()
