"""What a broker outside heard of every event, to hold a gateway to it."""

import json


class Told:
    """Every event as it was first heard, by its stream and sequence.

    Attributes:
        contradictions: The places at which something else was heard later.
    """

    def __init__(self) -> None:
        self.contradictions: list[str] = []
        self._heard: dict[tuple[str, str], bytes] = {}

    def hear(self, topic: str, payload: bytes, _retained: bool) -> None:
        """One message."""
        envelope = json.loads(payload)
        place = (envelope["source"], envelope["sequence"])
        if self._heard.setdefault(place, payload) != payload:
            self.contradictions.append(f"{topic} {envelope['sequence']}")
