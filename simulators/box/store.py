"""A store as TOML: the floor plan it has, how radio behaves in it, where one can walk, and who comes."""

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, ClassVar, Final, Literal

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError

from simulators.box.paths import Paths, Waypoint
from simulators.floor import Floor, read_floor
from simulators.radio import Air, Place

Carried = Literal["iphone", "android", "fob", "badge", "stranger"]
"""What a person carries: a phone with the app, a tag of the shop, or a phone that nobody here knows."""

PHONES: Final = frozenset({"iphone", "android"})
TAGS: Final = frozenset({"fob", "badge"})

_STRICT: Final = ConfigDict(extra="forbid")


@dataclass(frozen=True, slots=True)
class Wall:
    """What stands between two places and weakens all that passes through it (dB)."""

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT

    between: tuple[Place, Place]
    loss_db: float


@dataclass(frozen=True, slots=True)
class Clutter:
    """What distance alone does not explain.

    Attributes:
        shadowing_m: Over this way of its sender the shadowing of a link keeps a correlation of 1/e (Gudmundson,
            Electronics Letters 27, 1991).
        shadowing_s: So it does over this time with its sender at rest: others move.
        fading_db: Standard deviation between packets on the three advertising channels.
        body_db: Its carrier between a phone and a receiver weakens it by this at most.
        crossing_db: Each other person in the line of sight weakens it by this; two count at most.
        crossing_m: Who is this near the line is in it.
    """

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT

    shadowing_m: float = 1.5
    shadowing_s: float = 20.0
    fading_db: float = 2.0
    body_db: float = 6.0
    crossing_db: float = 3.0
    crossing_m: float = 0.35


@dataclass(frozen=True, slots=True)
class Till:
    """Where one pays: a line's places, the first one first, that one joins from the waypoint `line_from`.

    `service_s` is how long serving takes (seconds, from, to).
    """

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT

    zone: str
    line_from: str
    line: tuple[Place, ...]
    service_s: tuple[float, float] = (5.0, 12.0)


@dataclass(frozen=True, slots=True)
class Cell:
    """The battery of a beacon that tells of it (millivolts)."""

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT

    beacon: str
    battery_mv: Annotated[int, Field(gt=0, lt=0x10000)]


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with goals: zones to browse, in order.

    Attributes:
        name: An invented one; keys and chances follow from it.
        tag: The mobile beacon of the floor plan that a fob or badge is.
        arrives_s: When they come from the street the first time.
        begins_in: The zone they are in already when the day begins.
        stays: Goes round its goals and never leaves: staff.
        on_call: Comes only when called.
        dwell_s: How long a goal is browsed (seconds, from, to).
        away_s: How long they are gone before they come again (seconds, from, to).
    """

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT

    name: str
    carries: Carried
    goals: Annotated[tuple[str, ...], Field(min_length=1)]
    tag: str | None = None
    languages: tuple[str, ...] = ("en",)
    segments: tuple[str, ...] = ()
    arrives_s: float = 0.0
    begins_in: str | None = None
    stays: bool = False
    on_call: bool = False
    dwell_s: tuple[float, float] = (12.0, 30.0)
    away_s: tuple[float, float] = (20.0, 60.0)
    pace_m_s: float = 1.2


@dataclass(frozen=True)
class Store:
    """A store as its file has it.

    Attributes:
        floorplan: The floor plan's file; relative to the store's own.
        street: The waypoints where people come from and go to.
    """

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT

    floorplan: Path
    people: tuple[Person, ...]
    waypoints: tuple[Waypoint, ...]
    street: tuple[str, ...]
    till: Till
    air: Air = field(default_factory=Air)
    clutter: Clutter = field(default_factory=Clutter)
    walls: tuple[Wall, ...] = ()
    cells: tuple[Cell, ...] = ()

    @cached_property
    def floor(self) -> Floor:
        """The floor plan, read."""
        return read_floor(self.floorplan)

    @cached_property
    def paths(self) -> Paths:
        """The waypoints, joined."""
        return Paths(self.waypoints)

    def spots(self, zone: str) -> list[str]:
        """The waypoints in a zone."""
        return [waypoint.id for waypoint in self.waypoints if self.floor.zone_at(waypoint.at) == zone]


_STORE: Final[TypeAdapter[Store]] = TypeAdapter(Store)


def read_store(path: Path) -> Store:
    """Read a store.

    Raises:
        OSError: it, or its floor plan, cannot be read.
        ValueError: something in it is wrong; the message says what and where.
    """
    try:
        tables: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
        tables["floorplan"] = path.parent / tables["floorplan"]
        store = _STORE.validate_python(tables)
        wrong = [*_problems(store)]
    except ValidationError as error:
        wrong = [f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors()]
    except (ValueError, KeyError) as error:
        wrong = [f"{type(error).__name__}: {error}"]
    if wrong:
        raise ValueError(f"{path}: " + "; ".join(wrong))
    return store


def _problems(store: Store) -> Iterator[str]:
    """What the tables say of each other and does not fit."""
    known = {waypoint.id for waypoint in store.waypoints}
    leads = {waypoint.id: waypoint.to for waypoint in store.waypoints} | {"street": store.street}
    for name, others in (leads | {"till.line_from": (store.till.line_from,)}).items():
        yield from (f"{name} leads to waypoint {other!r}: there is none" for other in sorted({*others} - known))
    for cell in store.cells:
        if cell.beacon not in {each.id for each in store.floor.beacons}:
            yield f"a cell is of {cell.beacon!r}: name a fixed beacon of the floor plan"
    for person in store.people:
        for goal in {*person.goals, *filter(None, [person.begins_in])}:
            if goal != store.till.zone and not store.spots(goal):
                yield f"{person.name} wants to {goal!r}: no waypoint lies in a zone of that name"
        if (person.carries in TAGS) != (person.tag in store.floor.tags):
            yield f"{person.name} carries a {person.carries} and has the tag {person.tag!r}: name a mobile beacon"
