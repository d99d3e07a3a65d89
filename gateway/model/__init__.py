"""Nouns: frozen, slotted dataclasses of the standard library alone. Everything else speaks in these."""
