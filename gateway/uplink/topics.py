"""Every topic that the gateway speaks on or listens to, in one place (`docs/wire.md`, "MQTT")."""

from dataclasses import dataclass

from gateway.model.documents import DOCUMENT_NAMES
from gateway.model.event import STREAMS
from gateway.model.store import StoreRef


@dataclass(frozen=True, slots=True)
class AckTopic:
    """Head office says what it has of a stream."""

    incarnation: str
    stream: str


@dataclass(frozen=True, slots=True)
class DocumentTopic:
    """Head office announces a document."""

    name: str


class Topics:
    """The topics of one gateway, all under `proximity/v1/{tenant}/{store}/{gateway}/`: one ACL prefix a gateway."""

    def __init__(self, store: StoreRef) -> None:
        self.root = f"proximity/v1/{store.tenant}/{store.store}/{store.gateway}/"
        self.state = f"{self.root}state"
        self.subscriptions = (f"{self.root}acks/+/+", f"{self.root}documents/+")

    def events(self, stream: str) -> str:
        """Where the events of a class go."""
        return f"{self.root}events/{stream}"

    def document_status(self, name: str) -> str:
        """Where a document is answered."""
        return f"{self.root}documents/{name}/status"

    def parse(self, topic: str) -> AckTopic | DocumentTopic | None:
        """What an incoming topic is about; None for one that this version does not know."""
        if not topic.startswith(self.root):
            return None
        match topic.removeprefix(self.root).split("/"):
            case ["acks", incarnation, stream] if stream in STREAMS:
                return AckTopic(incarnation, stream)
            case ["documents", name] if name in DOCUMENT_NAMES:
                return DocumentTopic(name)
        return None
