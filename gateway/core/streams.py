"""Acknowledgements: how far head office has a stream."""

from dataclasses import replace

from gateway.core.state import State
from gateway.model.inputs import Acked


def acknowledge(state: State, incarnation: str, acked: Acked) -> None:
    """Note what head office has: cumulative, never back, never beyond what was given; others' streams are ignored."""
    stream = state.streams.get(acked.stream)
    if acked.incarnation != incarnation or stream is None:
        return
    if stream.acked < acked.sequence < stream.next_sequence:
        state.save(replace(stream, acked=acked.sequence))
