"""In-store proximity gateway: hears the shop, decides offline, tells head office without losing an event."""

__version__ = "0.1.0"
