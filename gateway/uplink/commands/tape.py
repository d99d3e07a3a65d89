"""The tape: hears every input that the engine is given, at the time it is given."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Protocol

from gateway.model.documents import FloorPlan
from gateway.model.inputs import DocumentReady, Input
from gateway.model.step import Step
from gateway.model.time import Now

Hear = Callable[[Input, Now], None]


class Engine(Protocol):
    """Where decisions are made: `gateway.core.engine.Engine`, or a fake."""

    @property
    def deadline_s(self) -> float | None:
        """When a tick has something to do (monotonic s)."""

    def step(self, input: Input, now: Now) -> Step:
        """All that one input does."""


class Tape:
    """Lies between the pipeline and its engine, and changes nothing."""

    def __init__(self, engine: Engine, floorplan: FloorPlan) -> None:
        self.floorplan = floorplan
        """The floor plan in force."""
        self.serials: dict[str, int] = {}
        """The serial of every document in force, by name."""
        self._engine = engine
        self._hear: Hear | None = None

    @property
    def deadline_s(self) -> float | None:
        """The engine's."""
        return self._engine.deadline_s

    @property
    def runs(self) -> bool:
        """Whether somebody listens."""
        return self._hear is not None

    def step(self, input: Input, now: Now) -> Step:
        """The engine's step, overheard."""
        if isinstance(input, DocumentReady):
            self.serials[input.name] = input.serial
            self.floorplan = input.content if isinstance(input.content, FloorPlan) else self.floorplan
        if self._hear is not None:
            self._hear(input, now)
        return self._engine.step(input, now)

    @contextmanager
    def overheard(self, hear: Hear) -> Iterator[None]:
        """Let `hear` have every input until the block ends; one listener at a time."""
        if self._hear is not None:
            msg = "the tape runs already: ask `runs` first"
            raise RuntimeError(msg)
        self._hear = hear
        try:
            yield
        finally:
            self._hear = None
