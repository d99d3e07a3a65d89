"""The form that what the gateway decides has in common."""

from typing import Literal

from typing_extensions import TypedDict


class Dated(TypedDict):
    """A fact, and whether the clock that dates it, and every time in it, was set when it was told."""

    clock: Literal["unset", "synced"]
