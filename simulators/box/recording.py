"""A day in the shop as files: what `replay` and `evaluate` take, and the documents that go with it."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path
from typing import Final

from gateway.codecs.captures import ble_line, header_line, sighting_line
from gateway.model.sighting import Sighting
from simulators.box.happenings import Happening, Packet, Presented, Reported, Whereabouts
from simulators.box.living_shop import LivingShop
from simulators.box.store import Store
from simulators.stage import sample_documents

SERIAL: Final = 1


@dataclass(frozen=True, slots=True)
class Recorded:
    """What was written: how many lines each file has."""

    inputs: int
    truths: int


def record(store: Store, seconds: float, began_utc_s: float, folder: Path, seed: int = 1) -> Recorded:
    """Write `seconds` of a shop's day to `folder`: the same arguments give the same bytes.

    `capture.ndjson` and `capture.truth.ndjson` go with `floorplan.toml`, `members.ndjson` and `campaigns.json`.

    Raises:
        OSError: the folder or a file in it cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    shop = LivingShop(store, began_utc_s, seed)
    (folder / "floorplan.toml").write_bytes(store.floorplan.read_bytes())
    documents = sample_documents(store.floor, tuple(shop.crowd.members.values()), SERIAL, began_utc_s)
    for name, file in (("campaigns", "campaigns.json"), ("members", "members.ndjson")):
        (folder / file).write_bytes(documents[name])
    return _write(_happened(shop, seconds), began_utc_s, folder)


def _happened(shop: LivingShop, seconds: float) -> Iterator[Happening]:
    happened = (each for tick in shop.live() for each in tick)
    return takewhile(lambda each: each.t_s <= seconds, happened)


def _write(happened: Iterator[Happening], began_utc_s: float, folder: Path) -> Recorded:
    inputs = truths = 0
    with (
        (folder / "capture.ndjson").open("w", encoding="utf-8") as capture,
        (folder / "capture.truth.ndjson").open("w", encoding="utf-8") as truth,
    ):
        capture.write(header_line(began_utc_s) + "\n")
        for each in happened:
            if isinstance(each, Whereabouts):
                truth.write(truth_line(each) + "\n")
                truths += 1
            else:
                capture.write(capture_line(each) + "\n")
                inputs += 1
    return Recorded(inputs, truths)


def capture_line(happening: Packet | Reported | Presented) -> str:
    """The line of a capture that says it (wire.md, "Files")."""
    match happening:
        case Packet(t_s, receiver, address, rssi_dbm, payload):
            return ble_line(t_s, receiver, rssi_dbm, payload, address)
        case Reported(t_s, _, report):
            return sighting_line(t_s, Sighting("app", "app", report))
        case Presented(t_s, receiver, token):
            return sighting_line(t_s, Sighting(happening.medium, receiver, token))


def truth_line(where: Whereabouts) -> str:
    """The line of a truth file that says it (wire.md, "Files")."""
    place = {} if where.at is None else {"x": round(where.at[0], 2), "y": round(where.at[1], 2)}
    return json.dumps({"t": where.t_s, "subject": where.subject, "zone": where.zone} | place, separators=(",", ":"))
