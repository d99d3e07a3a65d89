"""Decisions: pure functions of (input, time). No I/O, no clock, no randomness, no logging."""
