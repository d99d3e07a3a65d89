"""A sighting changes a few fields of a presence, and only those."""

from dataclasses import fields, replace

from gateway.model.time import At
from gateway.model.visit import Assurance, Presence

OF_EVIDENCE = ("seen", "interval_s", "heard", "packet", "spread_s", "media", "assurance")


def test_evidence_is_put_where_it_belongs_and_all_else_stays():
    at, later = At(1.0, 2.0), At(3.0, 4.0)
    everything = {field.name: f"its {field.name}" for field in fields(Presence)}
    known = Presence(**everything)
    changed = dict(zip(OF_EVIDENCE, (later, 0.5, (("door", -60.0),), at, 0.1, ("ble",), Assurance.PROVEN), strict=True))
    after = known.after_evidence(*changed.values())
    assert after == replace(known, **changed)
    assert {name for name, value in everything.items() if getattr(after, name) == value} == {*everything} - {*changed}
