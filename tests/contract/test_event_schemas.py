"""The shipped JSON Schemas are those of the code, and the engine's events hold to them."""

import json

import pytest
from pydantic import TypeAdapter

from gateway.core.events import EVENT_TYPES, Emitter
from gateway.core.state import State
from gateway.model.time import At, Clock, Now
from gateway.uplink import event_schemas
from gateway.uplink.event_schemas import DATA, schema_of
from tests.architecture.tree import ROOT
from tests.contract.test_documented_events import a_day, a_desk, a_rush


def test_every_event_type_has_a_schema():
    assert set(DATA) == set(EVENT_TYPES)


@pytest.mark.parametrize("event_type", DATA)
def test_the_shipped_file_is_what_the_code_says(event_type: str):
    shipped = ROOT / "gateway" / "uplink" / "schemas" / f"{event_type}.v1.json"
    assert json.loads(shipped.read_text()) == schema_of(event_type), "run: python -m scripts.schemas"


def test_the_engines_events_hold_to_their_schemas():
    for event in (*a_day(), *a_rush(), *a_desk()):
        TypeAdapter(DATA[event.type]).validate_json(json.dumps(event.data))
        assert set(event.data) == set(DATA[event.type].__annotations__)


def test_a_key_that_no_schema_names_is_found():
    data = {"visit": None, "zone": "shoes"}
    with pytest.raises(ValueError, match="Field required"):
        TypeAdapter(event_schemas.ZoneEntered).validate_python(data)


@pytest.mark.parametrize("event_type", sorted(set(EVENT_TYPES) - {"event.dropped"}))
@pytest.mark.parametrize("clock", ["unset", "synced"])
def test_every_event_says_whether_the_clock_was_set(event_type: str, clock: Clock):
    emitter = Emitter(State(), "0" * 16, bytes(32))
    now = Now(1.0, 2.0, clock, "boot")
    emitter.emit(event_type, now, At.of(now), {})
    (event,) = emitter.drain()
    assert event.data == {"clock": clock}
    assert "clock" in schema_of(event_type)["required"]
