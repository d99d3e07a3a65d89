"""What a demo plays: the office that ships with the simulators, the recorded walk through it, the documents for it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from simulators.campaigns import SAMPLE_CONTENT, campaigns_document, sample_campaigns
from simulators.document_server import DocumentServer
from simulators.floor import Floor, read_floor
from simulators.head_office import HeadOffice
from simulators.members import InventedMember, members_document
from simulators.recorded_walk import Recording, read_recording
from simulators.shop import Cast, invented_cast
from simulators.stories import STORY_CONTENT, products_document, story_campaigns

SHOPS: Final = Path(__file__).parent / "shops"
DOCUMENTS: Final = ("campaigns", "members")
"""The documents that head office publishes for a demo."""
_AGREED: Final = ("presence", "offers", "analytics", "staff_assist", "retarget")
_BREAKS_OFF_AFTER: Final = 256
"""The first download of the demo's shop breaks off after so many bytes."""
GATEWAY: Final = "gw-1"
"""The name of a demo's gateway in its store."""


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


def sample_documents(floor: Floor, members: Sequence[InventedMember], serial: int, utc_s: float) -> dict[str, bytes]:
    """The sample campaigns, and the members with the keys of the days about `utc_s` (seconds since 1970), by name."""
    campaigns = sample_campaigns(floor.markers[0]) if floor.markers else sample_campaigns()
    return {
        "campaigns": campaigns_document(campaigns, serial),
        "members": members_document(members, floor.as_store(GATEWAY), serial, utc_s),
    }


def publish_story(
    office: HeadOffice, members: Mapping[str, InventedMember], utc_s: float, server: DocumentServer
) -> None:
    """Have head office publish what makes the shop a story: more campaigns, products, members who agreed to more.

    Products and members are fetched from `server`, whose first answer breaks off: the rest is asked for by its range.
    """
    serial = int(utc_s)
    agreeing = [replace(member, purposes=_AGREED) for member in members.values()]
    campaigns = [*sample_campaigns(), *story_campaigns()]
    server.trouble.cuts.append(_BREAKS_OFF_AFTER)
    for name, document in (
        ("products", products_document(serial)),
        ("members", members_document(agreeing, office.store, serial, utc_s)),
    ):
        office.publish_document(name, document, serial, server.put(f"/{name}-{serial}", document))
    content = {**SAMPLE_CONTENT, **STORY_CONTENT}
    office.publish_document("campaigns", campaigns_document(campaigns, serial, content), serial)


def publish_documents(
    office: HeadOffice,
    floor: Floor,
    members: Sequence[InventedMember],
    utc_s: float,
    server: DocumentServer | None = None,
) -> None:
    """Have head office publish the sample documents under the serial `utc_s`, to be fetched where there is a server."""
    serial = int(utc_s)
    for name, content in sample_documents(floor, members, serial, utc_s).items():
        url = None if server is None else server.put(f"/{name}-{serial}", content)
        office.publish_document(name, content, serial, url)
