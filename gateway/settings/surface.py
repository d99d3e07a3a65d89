"""The TOML surface: every table of the settings, each an options dataclass declared beside its code."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from types import MappingProxyType
from typing import Final, Literal

from gateway.core.options import CoreOptions
from gateway.core.privacy_options import PrivacyOptions
from gateway.documents.verify import TrustOptions
from gateway.model.store import StoreRef
from gateway.mqtt.options import MqttOptions
from gateway.runtime.logs import LogOptions
from gateway.sensing.source import SourceSettings
from gateway.storage.bounds import OutboxOptions
from gateway.storage.database import StateOptions
from gateway.storage.retention import LedgerOptions
from gateway.web.options import HttpOptions

NAME: Final = re.compile(r"[^\s/+#?]{1,64}")
"""A tenant, store or gateway: one level of an MQTT topic and one segment of a URI path."""


@dataclass(frozen=True, slots=True)
class StoreOptions:
    """The `[store]` table: where this gateway is."""

    tenant: str
    """The retailer's name at head office."""
    id: str
    """The store's."""
    gateway: str
    """This gateway's among the store's."""
    floorplan: Path | None = None
    """The shop's floor plan (TOML); the operator's own file, so it needs no signature. A satellite needs none."""
    survey: Path | None = None
    """What a calibration walk taught of its radio (JSON), as `survey` writes it."""
    role: Literal["engine", "satellite"] = "engine"
    """Whether this gateway decides for the shop, or forwards what it hears to the one that does."""
    engine: str | None = None
    """Of a satellite: the gateway of the shop that decides."""

    @property
    def ref(self) -> StoreRef:
        """The three names as one."""
        return StoreRef(self.tenant, self.id, self.gateway)


@dataclass(frozen=True, slots=True)
class DocumentFiles:
    """The `[documents]` table: signed documents brought as files, each with `NAME.manifest.json` beside it.

    A document received from head office replaces its file when its serial is higher.
    """

    campaigns: Path | None = None
    """Campaigns and their content (JSON)."""
    members: Path | None = None
    """Opted-in members (NDJSON)."""
    products: Path | None = None
    """Products (JSON)."""
    issuers: Path | None = None
    """Whose word members' codes are taken on (JSON)."""
    devices: Path | None = None
    """The keys of staff's and assets' changing addresses (JSON)."""

    def given(self) -> dict[str, Path]:
        """The files that are named, by document."""
        named = {each.name: getattr(self, each.name) for each in fields(self)}
        return {name: path for name, path in named.items() if path is not None}


@dataclass(frozen=True, slots=True)
class Settings:
    """All that an operator set. A part whose table is absent is None and not loaded."""

    store: StoreOptions
    trust: TrustOptions = field(default_factory=TrustOptions)
    state: StateOptions = field(default_factory=StateOptions)
    outbox: OutboxOptions = field(default_factory=OutboxOptions)
    ledger: LedgerOptions = field(default_factory=LedgerOptions)
    documents: DocumentFiles = field(default_factory=DocumentFiles)
    presence: CoreOptions = field(default_factory=CoreOptions)
    privacy: PrivacyOptions = field(default_factory=PrivacyOptions)
    logs: LogOptions = field(default_factory=LogOptions)
    mqtt: MqttOptions | None = None
    http: HttpOptions | None = None
    sources: tuple[SourceSettings, ...] = ()
    file: str = field(default="", kw_only=True)
    """The settings file as it was named; no setting."""
    written: Mapping[str, tuple[str, ...]] = field(default_factory=dict, kw_only=True)
    """Which keys of each table the operator wrote, in the file or the environment; no setting."""


TABLES: Final[Mapping[str, type]] = MappingProxyType(
    {
        "store": StoreOptions,
        "trust": TrustOptions,
        "state": StateOptions,
        "outbox": OutboxOptions,
        "ledger": LedgerOptions,
        "documents": DocumentFiles,
        "presence": CoreOptions,
        "privacy": PrivacyOptions,
        "logs": LogOptions,
        "mqtt": MqttOptions,
        "http": HttpOptions,
    }
)
"""Every table by name and the options it fills; `[[sources]]`, a table each, are in `gateway.sensing.registry`."""
