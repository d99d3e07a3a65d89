"""Formats, pure: bytes and text in, values out, and back; every decode has its encode."""
