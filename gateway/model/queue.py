"""A queue at the tills that is long."""

from dataclasses import dataclass

from gateway.model.time import At


@dataclass(frozen=True, slots=True)
class LongQueue:
    """A zone of kind `checkout` where many wait, `since` when; `people` is the latest estimate of how many."""

    zone: str
    since: At
    people: float
