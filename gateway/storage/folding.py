"""Folding: of many changes to one record only the last is written."""

from collections.abc import Iterable

from gateway.model.step import Change, Forget, Record, RecordKind, Save, key_of, kind_of

Folded = dict[tuple[RecordKind, tuple[str, ...]], Record | None]
"""What a record is to be by kind and key; None = forgotten."""


def fold(changes: Iterable[Change]) -> Folded:
    """The last change of each kind and key, in the order in which each was first met."""
    folded: Folded = {}
    for change in changes:
        if isinstance(change, Save):
            folded[kind_of(change.record), key_of(change.record)] = change.record
        elif isinstance(change, Forget):
            folded[change.kind, change.key] = None
    return folded
