"""A shop in haste: visits end soon and some leave early, so that two minutes show what leaving brings."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from simulators.box.store import Store

HASTE: Final[Mapping[str, str]] = {
    "PROXIMITY_PRESENCE__VISIT_GAP_S": "20",
    "PROXIMITY_PRESENCE__VISIT_GAP_BY_KIND_S": "{ fitting = 60.0, pickup = 20.0 }",
}
"""Settings of a gateway, as its environment: who is gone for this long (seconds) has left."""
AWAY_S: Final = (30.0, 60.0)
"""How long people are gone (seconds, from, to): longer than that."""


def hurried(store: Store) -> Store:
    """The store with people who are gone for `AWAY_S`, one who fetches an order at once, and one who only looks."""
    people = (replace(each, away_s=AWAY_S) for each in store.people)
    by_name = {each.name: each for each in people}
    by_name["dario"] = replace(by_name["dario"], dwell_s=(12.0, 15.0))
    by_name["farid"] = replace(by_name["farid"], goals=("shoes",), dwell_s=(10.0, 12.0))
    return replace(store, people=tuple(by_name.values()))
