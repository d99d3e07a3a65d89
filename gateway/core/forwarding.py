"""Forwarding: what a satellite does instead of deciding. Readings are kept until the shop's gateway has taken them."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Final

from gateway.codecs.meanings import meaning_of, meanings_of
from gateway.codecs.ndef import NdefError
from gateway.core.ids import event_id
from gateway.core.resume import deaf_for_s
from gateway.model.event import Event
from gateway.model.inputs import Acked, Input, Started, Stopping
from gateway.model.meaning import KeptOut, KeptOutReason
from gateway.model.sighting import CodeText, NfcTag, Sighting
from gateway.model.step import Record, Save, Step, Stream, Timeline
from gateway.model.time import Now

READING: Final = "reading"
"""The one stream of a satellite. It goes to the shop's gateway; head office never hears of it."""

_NO_SHOPS: Final[frozenset[KeptOutReason]] = frozenset(
    {"empty_tag", "foreign_address", "malformed_gs1", "too_long", "unknown_text", "unreadable_tag"}
)
"""Whatever the shop is: these need no floor plan to be told. Of the rest its own gateway knows more."""


class Forwarding:
    """A satellite's place in its pipeline where a shop's gateway has the engine: pure, like that.

    A code or tag that means nothing to any shop is kept out here, so that it is neither stored nor sent.
    """

    deadline_s: float | None = None
    """Time alone changes nothing."""

    def __init__(self, incarnation: str, id_key: bytes) -> None:
        """`incarnation` names this life of the stream, `id_key` (at most 64 bytes) makes ids."""
        self._incarnation = incarnation
        self._key = id_key
        self._stream = Stream(READING)

    @property
    def taken(self) -> int:
        """The last sequence of this incarnation that the shop's gateway has; 0: none."""
        return self._stream.acked

    @property
    def given(self) -> int:
        """The last sequence of this incarnation that was given; 0: none."""
        return self._stream.next_sequence - 1

    def restore(self, records: Iterable[Record]) -> None:
        """Take up what storage folded; call before the first step."""
        for record in records:
            if isinstance(record, Stream) and record.name == READING:
                self._stream = record

    def step(self, input: Input, now: Now) -> Step:
        """Keep a reading, or note that one was taken; all else is forwarded without being kept, or means nothing."""
        match input:
            case Sighting(token=CodeText() | NfcTag() as token):
                return self._read(input, token, now)
            case Acked(sequence=sequence) if input.incarnation == self._incarnation:
                if self._stream.acked < sequence < self._stream.next_sequence:
                    return self._save(replace(self._stream, acked=sequence))
            case Started() | Stopping():
                return self._save(self._stream)
        return Step()

    def _read(self, sighting: Sighting, token: CodeText | NfcTag, now: Now) -> Step:
        kept_out = _kept_out(token)
        if kept_out is not None:
            return Step(answer=kept_out)
        sequence, heard = self._stream.next_sequence, now.ago(sighting.age_s)
        event = Event(
            id=event_id(self._key, self._incarnation, sequence, now.utc_s),
            incarnation=self._incarnation,
            stream=READING,
            sequence=sequence,
            type=READING,
            subject=None,
            time_utc_s=round(heard.utc_s, 3),
            recorded_utc_s=round(now.utc_s, 3),
            data={
                "receiver": sighting.receiver,
                "medium": sighting.medium,
                **_told(token),
                "boot": heard.boot_id,
                "mono_s": round(heard.mono_s, 3),
                "clock": heard.clock,
            },
        )
        step = self._save(replace(self._stream, next_sequence=sequence + 1))
        return replace(step, events=(event,), urgent=True)

    def _save(self, stream: Stream) -> Step:
        self._stream = stream
        return Step((Save(stream),))


def reading_of(event: Event, now: Now) -> Sighting | None:
    """The sighting that an event of the stream keeps, as old as it is at `now`; None for one that was lost.

    Its age is the difference of this machine's own clock, right or wrong; 0 where no clock can tell, after a boot.
    """
    if event.type != READING:
        return None
    match event.data:
        case {
            "boot": str(boot),
            "mono_s": float(mono_s),
            "clock": "synced" | "unset" as clock,
            "receiver": str(receiver),
            **read,
        }:
            kept = Timeline(boot, mono_s, event.time_utc_s, clock, 0)
            return _sighting(receiver, read, deaf_for_s(kept, now) or 0.0)
    return None


def _told(token: CodeText | NfcTag) -> dict[str, object]:
    if isinstance(token, CodeText):
        return {"text": token.text, "symbology": token.symbology}
    return {"ndef": token.ndef.hex()}


def _sighting(receiver: str, read: Mapping[str, object], age_s: float) -> Sighting | None:
    match read:
        case {"medium": "code" | "nfc.wallet" as medium, "text": str(text), "symbology": str(symbology)}:
            return Sighting(medium, receiver, CodeText(symbology, text), age_s=age_s)
        case {"medium": "nfc", "ndef": str(ndef)}:
            return Sighting("nfc", receiver, NfcTag(bytes.fromhex(ndef)), age_s=age_s)
    return None


def _kept_out(token: CodeText | NfcTag) -> KeptOut | None:
    """Why no shop has a use for it; None where one may."""
    try:
        meanings = (meaning_of(token.text),) if isinstance(token, CodeText) else meanings_of(token.ndef)
    except NdefError:
        return KeptOut("unreadable_tag")
    useless = [each for each in meanings if isinstance(each, KeptOut) and each.reason in _NO_SHOPS]
    if len(useless) < len(meanings):
        return None
    return useless[0] if useless else KeptOut("empty_tag")
