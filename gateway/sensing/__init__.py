"""Adapters in: each an async context manager that yields what it senses."""
