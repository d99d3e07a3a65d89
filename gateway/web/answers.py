"""What the routes answer with, as types (the OpenAPI shows them to app developers), and how values become them."""

from collections.abc import Mapping
from typing import Any, Literal, NotRequired

from typing_extensions import TypedDict

from gateway.model.beacons import BeaconState
from gateway.model.decision import Decision, Offered
from gateway.model.documents import FloorPlan
from gateway.model.health import Condition
from gateway.model.time import rfc3339
from gateway.storage.standing import StreamStanding
from gateway.web.shop_view import Here, ReceiverStanding


class DecisionAnswer(TypedDict):
    """An offer (`variant` to `words`), or a refusal (`reason` to `would_have_shown`)."""

    at: str
    subject: str
    visit: str | None
    campaign: str
    moment: str
    decision: Literal["offered", "withheld"]
    variant: NotRequired[str]
    content: NotRequired[str]
    language: NotRequired[str]
    channel: NotRequired[str]
    words: NotRequired[Mapping[str, str] | None]
    reason: NotRequired[str]
    says: NotRequired[str]
    values: NotRequired[Mapping[str, object]]
    would_have_shown: NotRequired[str | None]


class ConditionAnswer(TypedDict):
    """One part's state: `hint` says what to do about it in English, `values` what words in other languages need."""

    part: str
    code: str
    severity: Literal["ok", "warning", "error"]
    hint: str
    values: Mapping[str, object]


def decision_answer(decision: Decision, words: tuple[str, Mapping[str, str]] | None) -> DecisionAnswer:
    """A decision, an offer with its `words` (their language and text; None when its content is gone)."""
    kind: Literal["offered", "withheld"] = "offered" if isinstance(decision, Offered) else "withheld"
    answer = DecisionAnswer(
        at=rfc3339(decision.at.utc_s),
        subject=decision.subject,
        visit=decision.visit,
        campaign=decision.campaign,
        moment=decision.moment,
        decision=kind,
    )
    if isinstance(decision, Offered):
        answer["variant"], answer["content"] = decision.variant, decision.content
        answer["language"] = words[0] if words else decision.language
        answer["channel"], answer["words"] = decision.channel, words[1] if words else None
    else:
        answer["reason"], answer["says"] = decision.reason, decision.says
        answer["values"], answer["would_have_shown"] = decision.values, decision.would_have_shown
    return answer


def condition_answer(condition: Condition) -> ConditionAnswer:
    """A condition."""
    return ConditionAnswer(
        part=condition.part,
        code=condition.code,
        severity=condition.severity,
        hint=condition.hint,
        values=condition.values,
    )


def visitor_message(here: Here) -> dict[str, object]:
    """A visitor as the live view tells one."""
    return {
        "subject": here.subject,
        "kind": here.kind,
        "zone": here.zone,
        "zone_since": time_or_none(here.zone_since_utc_s),
        "visit": here.visit,
        "visit_since": time_or_none(here.visit_since_utc_s),
        "assurance": here.assurance,
        "media": list(here.media),
    }


def receiver_message(standing: ReceiverStanding) -> dict[str, object]:
    """A receiver's standing as the live view tells it."""
    return {
        "receiver": standing.receiver,
        "status": standing.status,
        "since": time_or_none(standing.since_utc_s),
    }


def beacon_message(beacon: str, state: BeaconState | None) -> dict[str, object]:
    """How a beacon is, as the live view tells it; None while no receiver ever heard it."""
    return {
        "beacon": beacon,
        "state": state and state.verdict,
        "since": time_or_none(state.since.utc_s if state else None),
        "heard_at": time_or_none(state.heard.utc_s if state else None),
        "per_minute": state and state.per_minute,
        "battery_mv": state and state.battery_mv,
        "temperature_c": state and state.temperature_c,
    }


def stream_message(standing: StreamStanding) -> dict[str, object]:
    """One class of the outbox as the live view tells it."""
    return {
        "class": standing.stream,
        "depth": standing.depth,
        "oldest_at": time_or_none(standing.oldest_utc_s),
        "next_sequence": f"{standing.next_sequence:020d}",
        "acked": f"{standing.acked:020d}",
        "bytes": standing.bytes,
    }


def floorplan_message(plan: FloorPlan) -> dict[str, list[dict[str, Any]]]:
    """The shop as it is drawn, places in metres."""
    return {
        "zones": [
            {
                "id": each.id,
                "kind": each.kind,
                "polygon": [list(corner) for corner in each.polygon],
                "floor": each.floor,
            }
            for each in plan.zones.values()
        ],
        "receivers": [
            {"id": each.id, "kind": each.kind, "at": _place(each.at), "zone": each.zone}
            for each in plan.receivers.values()
        ],
        "beacons": [
            {
                "id": each.id,
                "format": each.identity.format,
                "at": _place(each.at),
                "zone": each.zone,
                "mobile": each.mobile,
            }
            for each in plan.beacons.values()
        ],
        "markers": [
            {"id": each.id, "product": each.product, "zone": each.zone, "campaign": each.campaign}
            for each in plan.markers.values()
        ],
    }


def time_or_none(utc_s: float | None) -> str | None:
    """A time in RFC 3339, or None."""
    return None if utc_s is None else rfc3339(utc_s)


def _place(at: tuple[float, float] | None) -> list[float] | None:
    return None if at is None else list(at)
