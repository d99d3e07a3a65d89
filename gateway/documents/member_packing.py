"""The members document made into files: records sealed by handle, and the keys of each day beside them."""

from array import array
from collections.abc import Mapping
from typing import Final

from gateway.codecs.indexed import KeyTwice
from gateway.documents.day_keys import DayKeysWriter
from gateway.documents.mapped import MapFile, MapWriter
from gateway.documents.mapping import MAX_CHANGES, Compiling
from gateway.documents.member_files import MemberFiles
from gateway.documents.member_record import member_bytes
from gateway.documents.members import DOCUMENT, Heading, read_members, twice
from gateway.documents.refusal import DocumentRefused
from gateway.documents.sealed import SealedWriter
from gateway.model.documents import Member

MOST_CHANGED: Final = 100_000
"""Members that all changes since a whole document may name together: what names more is nearly whole itself."""


def pack_members(task: Compiling, made: MapWriter) -> Mapping[str, object]:
    """Write the members, a line at a time, and their keys; or all changes since the whole members as one file.

    Raises:
        DocumentRefused: as `read_members`; `invalid`: a handle is there twice; `wrong_base`, `too_many_changes`.
        OSError: the disk did not take it.
    """
    with task.new.path.open("rb") as file, DayKeysWriter(task.path, task.device_key) as keys:
        heading, entries = read_members(file)
        records, lines = _Records(made, keys, task.device_key), array("I")
        earlier = None if heading.base_serial is None else _earlier(heading.base_serial, task)
        for line, handle, member in entries:
            records.add(handle, member, named=earlier is not None)
            lines.append(line)
        if earlier is not None:
            records.carry_over(earlier)
        try:
            made.sort()
        except KeyTwice as found:
            raise twice(lines[found.ordinal]) from found
        changes = 0 if earlier is None else len(task.before)
        return {**_about(heading, changes), **records.about, "days": keys.end()}


class _Records:
    """What is written of the members: their records, and under the numbers of these their keys."""

    def __init__(self, made: MapWriter, keys: DayKeysWriter, device_key: bytes) -> None:
        self._sealed = SealedWriter(made, device_key)
        self._keys = keys
        self._named: set[str] = set()
        self.about = self._sealed.about

    def add(self, handle: str, member: Member | None, *, named: bool) -> None:
        """Add a member, or that one is removed; `named`: so that what was said of it before is not carried over."""
        number = self._sealed.add(handle, member_bytes(member))
        if member is not None:
            self._keys.add(number, member.keys)
        if named:
            self._named.add(handle)
            self._check_number()

    def carry_over(self, earlier: MemberFiles) -> None:
        """Add what the changes so far say of those whom the new one does not name."""
        if earlier.changes is None:
            return
        moved: dict[int, int] = {}
        for number, handle, value in earlier.changes.numbered():
            if handle not in self._named:
                moved[number] = self._sealed.add(handle, value)
                self._named.add(handle)
                self._check_number()
        for day, number, key in earlier.keys_of_changes():
            if number in moved:
                self._keys.add(moved[number], {day: key})

    def _check_number(self) -> None:
        if len(self._named) > MOST_CHANGED:
            problem = f"over {MOST_CHANGED} members changed since they came whole"
            raise DocumentRefused("too_many_changes", problem, "Send the members whole", document=DOCUMENT)


def _earlier(base_serial: int, task: Compiling) -> MemberFiles:
    """The members in use, which are those that the new document changes."""
    if not task.before:
        problem = f"it changes serial {base_serial}, and there are no members here"
        raise DocumentRefused("wrong_base", problem, "Send the members whole", document=DOCUMENT)
    if base_serial != task.before[-1].serial:
        problem = f"it changes serial {base_serial}, and the one in use is {task.before[-1].serial}"
        hint = "Send the members whole, or a change to the one in use"
        raise DocumentRefused("wrong_base", problem, hint, document=DOCUMENT)
    if len(task.before) > MAX_CHANGES:
        problem = f"{MAX_CHANGES} changes were taken since the members came whole"
        raise DocumentRefused("too_many_changes", problem, "Send the members whole", document=DOCUMENT)
    return MemberFiles([MapFile.open(path) for path in task.maps], task.device_key)


def _about(heading: Heading, changes: int) -> dict[str, object]:
    return {
        "serial": heading.serial,
        "changes": changes,
        "tenant": heading.tenant,
        "store": heading.store,
        "valid_from_utc_s": heading.valid_from_utc_s,
        "valid_until_utc_s": heading.valid_until_utc_s,
    }
