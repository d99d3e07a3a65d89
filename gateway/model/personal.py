"""Personal: what the shop's state holds of one member, for whoever may see it."""

from dataclasses import dataclass

from gateway.model.documents import Member
from gateway.model.step import Record


@dataclass(frozen=True, slots=True)
class Held:
    """A member as the members document has it and consent holds (None: not in it), and every record about it."""

    handle: str
    member: Member | None
    records: tuple[Record, ...]
