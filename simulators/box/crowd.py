"""Everybody who comes to a shop."""

from collections.abc import Mapping
from random import Random

from simulators.box.queue import Queue
from simulators.box.store import PHONES, Store
from simulators.box.walker import Walker
from simulators.members import InventedMember, invent
from simulators.radio import Place


class Crowd:
    """The people of a store, walking. The same store and seed give the same walks, as long as nobody is called.

    Attributes:
        walkers: Everybody, by name.
        members: The members among them (whose phone has the app), by name.
    """

    def __init__(self, store: Store, seed: int) -> None:
        self._floor = store.floor
        queue = Queue(store.till.line)
        self.walkers: Mapping[str, Walker] = {
            person.name: Walker(person, store, queue, Random(f"{seed}/{person.name}/walk")) for person in store.people
        }
        self.members: Mapping[str, InventedMember] = {
            person.name: invent(person.name, languages=person.languages, segments=person.segments)
            for person in store.people
            if person.carries in PHONES
        }

    def step(self) -> None:
        """Everybody walks on for one tick."""
        for walker in self.walkers.values():
            walker.step()

    def call(self, name: str | None = None) -> str | None:
        """Have somebody come in from the street: the one of this name, or the first who is away; None if nobody can.

        Those who come only when called come first.
        """
        named = [walker for walker in self.walkers.values() if name in {None, walker.person.name}]
        named.sort(key=lambda walker: not walker.person.on_call)
        return next((walker.person.name for walker in named if walker.call()), None)

    def zones(self) -> Mapping[str, str | None]:
        """In which zone everybody truly is; None for who is away, or between zones."""
        return {
            name: None if walker.stance is None else self._floor.zone_at(walker.stance.at)
            for name, walker in self.walkers.items()
        }

    def bystanders(self, name: str) -> list[Place]:
        """Where all the others are."""
        return [each.stance.at for each in self.walkers.values() if each.stance and each.person.name != name]
