"""The topics of every gateway at once, as head office sees them (docs/wire.md, "Topics")."""

import re
from typing import Final

EVENTS: Final = "proximity/v1/+/+/+/events/+"
"""What a consumer subscribes to: the events of every class of every gateway of every store."""

_SOURCE: Final = re.compile(
    r"/tenants/(?P<tenant>[^/+#]+)/stores/(?P<store>[^/+#]+)/gateways/(?P<gateway>[^/+#]+)"
    r"/streams/(?P<incarnation>[0-9a-f]{16})/(?P<stream>[a-z]+)"
)


def vouches(topic: str, source: str) -> bool:
    """Whether an event of `source` belongs on `topic`: a broker's access list checks the topic, nobody the source."""
    named = _SOURCE.fullmatch(source)
    return named is not None and topic == _topic(named, "events/{stream}")


def ack_topic(source: str) -> str:
    """Where the stream `source` is acknowledged.

    Raises:
        ValueError: `source` names no stream.
    """
    named = _SOURCE.fullmatch(source)
    if named is None:
        msg = f"{source!r} names no stream: expected /tenants/…/stores/…/gateways/…/streams/{{incarnation}}/{{class}}"
        raise ValueError(msg)
    return _topic(named, "acks/{incarnation}/{stream}")


def _topic(named: re.Match[str], end: str) -> str:
    return f"proximity/v1/{{tenant}}/{{store}}/{{gateway}}/{end}".format(**named.groupdict())
