"""The line at a till: who is where in it."""

from collections.abc import Sequence

from simulators.radio import Place


class Queue:
    """People in the order they came. Whoever comes when every place is taken stands with the last one."""

    def __init__(self, places: Sequence[Place]) -> None:
        self._places = places
        self._waiting: list[str] = []

    def __len__(self) -> int:
        return len(self._waiting)

    def join(self, name: str) -> None:
        """Stand at the end."""
        self._waiting.append(name)

    def leave(self, name: str) -> None:
        """Go; the others move up."""
        self._waiting.remove(name)

    def place(self, name: str) -> Place:
        """Where to stand now."""
        return self._places[min(self._waiting.index(name), len(self._places) - 1)]

    def first(self, name: str) -> bool:
        """Whether it is this one's turn."""
        return self._waiting[0] == name
