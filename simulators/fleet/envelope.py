"""A CloudEvents envelope as gateways send it (docs/wire.md, "Events"), of the simulators' own making."""

import json

from gateway.model.event import Event
from gateway.model.store import StoreRef
from gateway.model.time import rfc3339


def encode(event: Event, store: StoreRef) -> bytes:
    """`event` as UTF-8 JSON without spaces, its keys in wire order."""
    gateway = f"/tenants/{store.tenant}/stores/{store.store}/gateways/{store.gateway}"
    source = f"{gateway}/streams/{event.incarnation}/{event.stream}"
    envelope = {
        "specversion": "1.0",
        "id": event.id,
        "source": source,
        "sequence": f"{event.sequence:020d}",
        "type": f"proximity.{event.type}.v1",
        **({} if event.subject is None else {"subject": event.subject}),
        "time": rfc3339(event.time_utc_s),
        "recordedtime": rfc3339(event.recorded_utc_s),
        "partitionkey": event.subject or source,
        "datacontenttype": "application/json",
        "dataschema": f"schemas/{event.type}.v1.json",
        "data": dict(event.data),
    }
    return json.dumps(envelope, ensure_ascii=False, separators=(",", ":")).encode()
