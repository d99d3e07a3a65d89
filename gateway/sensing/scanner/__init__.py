"""Hand scanners: as a keyboard, or on a serial line."""
