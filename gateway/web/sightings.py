"""`POST /v1/sightings`: what a member's phone hears of the shop's beacons."""

from collections.abc import Callable
from typing import Annotated, Final, Self

from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict, Field, model_validator
from typing_extensions import TypedDict

from gateway.model.inputs import Input
from gateway.model.sighting import IBEACON, LIGHT, UNDER_A_LAMP_DBM, AppReport, BeaconId, HeardBeacon, Sighting
from gateway.web.credentials import Credential
from gateway.web.door import Door
from gateway.web.in_force import InForce
from gateway.web.problems import Problem
from gateway.web.repeats import IdempotencyKey, Repeats

MOST_HEARD: Final = 100
UUID: Final = r"^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$"
Sixteen = Annotated[int, Field(ge=0, le=0xFFFF, strict=True)]


class HeardByPhone(BaseModel):
    """One beacon: by its id in the floor plan, as an iBeacon, or, where it is a lamp, by what its light says."""

    model_config = ConfigDict(extra="forbid")

    beacon: str | None = Field(default=None, min_length=1, max_length=128)
    uuid: str | None = Field(default=None, pattern=UUID)
    major: Sixteen | None = None
    minor: Sixteen | None = None
    light: str | None = Field(default=None, pattern=r"^[0-9a-fA-F]{1,32}$", description="What a lamp's light says.")
    rssi_dbm: float | None = Field(
        default=None, ge=-127, le=20, allow_inf_nan=False, description="Smoothed or raw; leave unheard ones out."
    )

    @model_validator(mode="after")
    def _named(self) -> Self:
        given = [each is not None for each in (self.uuid, self.major, self.minor)]
        names = [self.beacon is not None, any(given), self.light is not None]
        if sum(names) != 1 or any(given) != all(given):
            msg = "name it by beacon, or by uuid, major and minor, or by light"
            raise ValueError(msg)
        if (self.rssi_dbm is None) == (self.light is None):
            msg = "give rssi_dbm with what is heard, and without it what is seen by its light"
            raise ValueError(msg)
        return self

    def token(self) -> BeaconId | str:
        """What it is named by."""
        if self.beacon is not None:
            return self.beacon
        if self.light is not None:
            return BeaconId(LIGHT, self.light.lower())
        return BeaconId(IBEACON, f"{str(self.uuid).lower()}/{self.major}/{self.minor}")

    def heard(self) -> HeardBeacon:
        """It, as evidence."""
        return HeardBeacon(self.token(), UNDER_A_LAMP_DBM if self.rssi_dbm is None else self.rssi_dbm)


class Report(BaseModel):
    """What a phone heard in the last moment."""

    model_config = ConfigDict(extra="forbid")

    seen: list[HeardByPhone] = Field(min_length=1, max_length=MOST_HEARD)


class ReportTaken(TypedDict):
    """How many beacons were reported, and how many of them the floor plan knows."""

    heard: int
    known: int


def sightings_route(door: Door, offer: Callable[[Input], bool], in_force: InForce, repeats: Repeats) -> APIRouter:
    """The route. `offer` hands an input over unless there is no room for radio now."""
    router = APIRouter()

    @router.post("/v1/sightings", status_code=202)
    async def post_sightings(
        report: Report, member: Annotated[Credential, Depends(door.admit("member"))], key: IdempotencyKey = None
    ) -> ReportTaken:
        """What the phone hears. Evidence, judged with all other; a report may be dropped under load (503 `busy`)."""

        async def take() -> ReportTaken:
            heard = tuple(each.heard() for each in report.seen)
            handle = str(member.subject).removeprefix("m.")
            if not offer(Sighting("app", "app", AppReport(handle, heard))):
                detail = "The gateway takes no radio at the moment; send what the phone hears then."
                raise Problem("busy", detail, retry_after_s=2)
            return ReportTaken(heard=len(heard), known=sum(_known(each, in_force) for each in heard))

        return await repeats.once(member.name, key, f"sightings {report.model_dump_json()}", take)

    return router


def _known(heard: HeardBeacon, in_force: InForce) -> bool:
    beacons = in_force.floorplan.beacons
    if isinstance(heard.beacon, str):
        return heard.beacon in beacons
    return any(each.identity == heard.beacon for each in beacons.values())
