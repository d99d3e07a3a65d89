"""What a demo plays: the office that ships with the simulators, the recorded walk through it, the documents for it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from simulators.campaigns import campaigns_document, sample_campaigns
from simulators.floor import Floor, read_floor
from simulators.head_office import HeadOffice
from simulators.members import members_document
from simulators.recorded_walk import Recording, read_recording
from simulators.shop import Cast, invented_cast

SHOPS: Final = Path(__file__).parent / "shops"
DOCUMENTS: Final = ("campaigns", "members")
"""The documents that head office publishes for a demo."""


@dataclass(frozen=True, slots=True)
class Stage:
    """A floor plan file with what stands in it, a recorded walk, and who is in the shop."""

    floorplan: Path
    floor: Floor
    recording: Recording
    cast: Cast


def office_stage() -> Stage:
    """The office of `shops/`, its walk, three invented members."""
    floorplan = SHOPS / "office.toml"
    return Stage(floorplan, read_floor(floorplan), read_recording(SHOPS / "office_walk.ndjson"), invented_cast())


def publish_documents(stage: Stage, office: HeadOffice, utc_s: float) -> None:
    """Have head office publish the sample campaigns and the members of the stage, under the serial `utc_s`."""
    serial = int(utc_s)
    marker = stage.floor.markers[0] if stage.floor.markers else "A7"
    office.publish_document("campaigns", campaigns_document(sample_campaigns(marker), serial), serial)
    office.publish_document("members", members_document(stage.cast.members, office.store, serial, utc_s), serial)
