"""Where a gateway is: the three names that every topic, event source and id of it begin with."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class StoreRef:
    """One gateway of one store of one tenant; each name is one topic level and one URI path segment."""

    tenant: str
    store: str
    gateway: str

    @property
    def client_id(self) -> str:
        """One gateway, one client: a broker ends an older connection of the same id."""
        return f"{self.tenant}.{self.store}.{self.gateway}"
