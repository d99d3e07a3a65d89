"""What a gateway's role in its shop asks of its settings."""

from collections.abc import Iterator
from typing import Final

from gateway.sensing.registry import SOURCES
from gateway.settings.reading import Key
from gateway.settings.surface import NAME, Settings

_DECIDES: Final = frozenset({"satellites", "checkin"})
"""Kinds of sources whose words need a decision: what satellites say, and phones that wait for an answer."""
_ITS_OWN: Final = "the gateway that decides has that: leave it out here"


def lacks_plan(store: object) -> bool:
    """Whether a `[store]` table, as written, is of a gateway that decides and names no plan to decide by."""
    return isinstance(store, dict) and "floorplan" not in store and store.get("role") != "satellite"


def problems(settings: Settings) -> Iterator[tuple[Key, str, str]]:
    """Key, problem and hint of each setting that the role lacks, or has no use for."""
    if settings.store.role == "satellite":
        yield from _of_a_satellite(settings)
        return
    if settings.store.engine is not None:
        hint = 'write role = "satellite" too, or take it out'
        yield ("store", "engine"), "this gateway decides for itself", hint


def _of_a_satellite(settings: Settings) -> Iterator[tuple[Key, str, str]]:
    store = settings.store
    if store.engine is None or not NAME.fullmatch(store.engine):
        hint = "write the name that the gateway has in [store] of its own settings"
        yield ("store", "engine"), "a satellite has to know which gateway of its shop decides", hint
    elif store.engine == store.gateway:
        yield ("store", "engine"), "it names this gateway itself", "write the name of the one that decides"
    if settings.mqtt is None:
        hint = "write [mqtt] with the broker at which the other gateway hears its satellites"
        yield ("mqtt",), "a satellite tells what it hears over MQTT, and no broker is named", hint
    if not settings.sources:
        yield ("sources",), "a satellite without sources hears nothing", "write [[sources]] with what it hears with"
    if settings.http is not None:
        yield ("http",), "a satellite serves no pages", _ITS_OWN
    if settings.documents.given():
        yield ("documents",), "a satellite decides nothing by documents", _ITS_OWN
    for number, source in enumerate(settings.sources):
        kind = SOURCES[source.kind]
        if source.kind in _DECIDES or kind.keeps_time or kind.asks_pages:
            yield ("sources", number, "kind"), f"a satellite does not forward {source.kind}", _ITS_OWN
