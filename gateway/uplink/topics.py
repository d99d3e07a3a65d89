"""Every topic that the gateway speaks on or listens to, in one place (`docs/wire.md`, "MQTT")."""

import re
from dataclasses import dataclass
from typing import Final

from gateway.model.documents import DOCUMENT_NAMES
from gateway.model.event import STREAMS
from gateway.model.feeds import FEED_NAMES, FeedName
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


@dataclass(frozen=True, slots=True)
class FeedTopic:
    """Head office sends a batch of a feed."""

    feed: FeedName


@dataclass(frozen=True, slots=True)
class CommandTopic:
    """Head office orders something."""

    name: str


MOST_TOPIC_CHARS: Final = 256

_FORBIDDEN: Final = re.compile(r"[+#\x00-\x1f\x7f]")


class Topics:
    """The topics of one gateway, all under `proximity/v1/{tenant}/{store}/{gateway}/`: one ACL prefix a gateway."""

    def __init__(self, store: StoreRef) -> None:
        self.root = f"proximity/v1/{store.tenant}/{store.store}/{store.gateway}/"
        self.state = f"{self.root}state"
        self.subscriptions = tuple(
            f"{self.root}{each}" for each in ("acks/+/+", "documents/+", "feeds/+", "commands/+")
        )

    def events(self, stream: str) -> str:
        """Where the events of a class go."""
        return f"{self.root}events/{stream}"

    def document_status(self, name: str) -> str:
        """Where a document is answered."""
        return f"{self.root}documents/{name}/status"

    def feed_status(self, feed: str) -> str:
        """Where a batch of a feed is answered."""
        return f"{self.root}feeds/{feed}/status"

    def command_result(self, name: str, order: str) -> str:
        """Where a command is answered that says nothing else, as under MQTT 3.1.1 none can."""
        return f"{self.root}commands/{name}/result/{order}"

    def answer(self, asked: str | None, name: str, order: str | None) -> str | None:
        """Where a command's answer goes: where it asked, unless that is a topic that others believe in.

        Who may ask is not verified, so an answer never goes to another topic of a gateway than a command's result.
        None where nothing says where.
        """
        if asked and len(asked) <= MOST_TOPIC_CHARS and not _FORBIDDEN.search(asked):
            believed = asked.startswith(("proximity/", "$"))
            if not believed or asked.startswith(f"{self.root}commands/{name}/result/"):
                return asked
        return None if order is None else self.command_result(name, order)

    def parse(self, topic: str) -> AckTopic | DocumentTopic | FeedTopic | CommandTopic | None:
        """What an incoming topic is about; None for one that this version does not know."""
        if not topic.startswith(self.root):
            return None
        match topic.removeprefix(self.root).split("/"):
            case ["acks", incarnation, stream] if stream in STREAMS:
                return AckTopic(incarnation, stream)
            case ["documents", name] if name in DOCUMENT_NAMES:
                return DocumentTopic(name)
            case ["feeds", feed] if feed in FEED_NAMES:
                return FeedTopic(feed)
            case ["commands", name]:
                return CommandTopic(name)
        return None
