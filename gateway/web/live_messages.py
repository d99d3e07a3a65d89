"""The messages of the live view, each seen by a scope: what a member, a display and the staff are told."""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from gateway.model.decision import Decision
from gateway.model.event import Event
from gateway.model.health import Condition, Severity
from gateway.model.store import StoreRef
from gateway.model.time import rfc3339
from gateway.storage.standing import StreamStanding
from gateway.web.answers import (
    beacon_message,
    condition_answer,
    decision_answer,
    floorplan_message,
    receiver_message,
    stream_message,
    time_or_none,
    visitor_message,
)
from gateway.web.credentials import Credential
from gateway.web.in_force import InForce
from gateway.web.sellers_only import decided_for_sellers, told_of_sellers
from gateway.web.shop_view import ReceiverStanding, ShopView, Touched

HEARTBEAT: Final = b":\n\n"
"""A comment: it keeps the connection alive and means nothing."""
Message = dict[str, object]


@dataclass(frozen=True, slots=True)
class Standing:
    """How the gateway itself stands. `online` is None without a broker."""

    streams: tuple[StreamStanding, ...] = ()
    online: bool | None = None
    status: Severity = "ok"
    conditions: tuple[Condition, ...] = ()


@dataclass(frozen=True, slots=True)
class News:
    """What came since the last message."""

    events: tuple[Event, ...]
    decisions: tuple[Decision, ...]
    touched: Touched


class Messages:
    """Makes the messages out of the view, the documents in force and where the gateway stands."""

    def __init__(
        self,
        view: ShopView,
        in_force: InForce,
        store: StoreRef,
        version: str,
        *,
        envelope: Callable[[Event], Mapping[str, object]],
        guests: Callable[[], Mapping[str, int] | None],
        utc_s: Callable[[], float],
        simulator: str | None,
    ) -> None:
        self._view = view
        self._in_force = in_force
        self._store = store
        self._version = version
        self._envelope = envelope
        self._guests = guests
        self._utc_s = utc_s
        self._simulator = simulator

    def snapshot(self, viewer: Credential, standing: Standing) -> bytes:
        """The whole view, as `viewer` may see it."""
        plan = self._in_force.floorplan
        store = {"tenant": self._store.tenant, "store": self._store.store, "gateway": self._store.gateway}
        message: Message = {
            "at": self._now(),
            "version": self._version,
            "started_at": time_or_none(self._view.started_utc_s),
            "me": {"scope": viewer.scope, "subject": viewer.subject},
            "store": store | {"timezone": plan.timezone, "languages": list(plan.languages)},
            "floorplan": floorplan_message(plan),
        }
        if viewer.scope != "member":
            message["zones"] = self._zones()
        if viewer.scope != "display":
            message["visitors"] = self._visitors(sorted(self._view.here), viewer)
        if viewer.scope == "staff":
            message["receivers"] = [receiver_message(each) for each in self._receivers()]
            message["beacons"] = self._beacons(self._in_force.floorplan.beacons)
        if viewer.scope != "display":
            message["events"] = self._events(self._view.events, viewer)
            message["decisions"] = self._decisions(self._view.decisions, viewer)
        if viewer.scope == "staff":
            message |= _standing(standing) | {"simulator": self._simulator}
        return framed("snapshot", message)

    def commit(self, viewer: Credential, news: News, standing: Standing) -> bytes | None:
        """What is new for `viewer`; None when nothing is."""
        message: Message = {"at": self._now()}
        if viewer.scope == "display":
            return framed("commit", message | {"zones": self._zones()}) if news.touched.subjects else None
        subjects = sorted(news.touched.subjects)
        visitors = self._visitors(subjects, viewer)
        gone = [each for each in subjects if each not in self._view.here and _may_see(each, viewer)]
        if viewer.scope == "staff":
            message["zones"] = self._zones()
        message |= {"visitors": visitors, "gone": gone}
        if viewer.scope == "staff":
            changed = [self._view.receivers[each] for each in sorted(news.touched.receivers)]
            message["receivers"] = [receiver_message(each) for each in changed]
            message["beacons"] = self._beacons(sorted(news.touched.beacons))
        events, decisions = self._events(news.events, viewer), self._decisions(news.decisions, viewer)
        message |= {"events": events, "decisions": decisions}
        if viewer.scope == "staff":
            message |= _standing(standing)
        elif not (visitors or gone or events or decisions):
            return None
        return framed("commit", message)

    def standing(self, standing: Standing) -> bytes:
        """Where the gateway stands; for staff."""
        return framed("standing", {"at": self._now()} | _standing(standing))

    def _now(self) -> str:
        return rfc3339(self._utc_s())

    def _zones(self) -> list[Message]:
        counts, guests = self._view.counts(), self._guests()
        return [
            {
                "zone": zone,
                "members": counts.get((zone, "member"), 0),
                "tags": counts.get((zone, "tag"), 0),
                "guests": None if guests is None else guests.get(zone, 0),
            }
            for zone in self._in_force.floorplan.zones
        ]

    def _receivers(self) -> list[ReceiverStanding]:
        planned = self._in_force.floorplan.receivers
        return [self._view.receivers.get(each) or ReceiverStanding(each) for each in planned]

    def _beacons(self, beacons: Iterable[str]) -> list[Message]:
        return [beacon_message(each, self._view.beacons.get(each)) for each in beacons]

    def _visitors(self, subjects: Iterable[str], viewer: Credential) -> list[Message]:
        here = self._view.here
        return [visitor_message(here[each]) for each in subjects if each in here and _may_see(each, viewer)]

    def _events(self, events: Iterable[Event], viewer: Credential) -> list[Mapping[str, object]]:
        seen = (each for each in events if _may_see(each.subject, viewer))
        heard = (each for each in seen if viewer.scope == "staff" or not told_of_sellers(each, self._in_force))
        return [self._envelope(each) for each in heard]

    def _decisions(self, decisions: Iterable[Decision], viewer: Credential) -> list[Mapping[str, object]]:
        in_force = self._in_force
        seen = (each for each in decisions if _may_see(each.subject, viewer))
        heard = (each for each in seen if viewer.scope == "staff" or not decided_for_sellers(each, in_force))
        return [{**decision_answer(each, in_force.words(each))} for each in heard]


def framed(event: str, message: Mapping[str, object]) -> bytes:
    """A server-sent event. JSON holds no line break, so one `data:` line carries it."""
    return f"event: {event}\ndata: {json.dumps(message, ensure_ascii=False, separators=(',', ':'))}\n\n".encode()


def _may_see(subject: str | None, viewer: Credential) -> bool:
    """A member sees its own, staff see everybody; what is about nobody is for staff."""
    return viewer.scope == "staff" or (subject is not None and subject == viewer.subject)


def _standing(standing: Standing) -> Message:
    return {
        "outbox": {"online": standing.online, "streams": [stream_message(each) for each in standing.streams]},
        "health": {
            "status": standing.status,
            "conditions": [condition_answer(each) for each in standing.conditions],
        },
    }
