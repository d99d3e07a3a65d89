"""A capture's lines as inputs with their times: the same reading in `replay` and in a running gateway."""

from collections.abc import Callable

from gateway.codecs.asks import parse_ask
from gateway.codecs.captures import Ask, CaptureError, CaptureHeader, ClockSet, DocumentFile, FedRows, parse_line
from gateway.codecs.json_fields import FieldError
from gateway.documents.feed import read_rows
from gateway.model.feeds import FeedBatch
from gateway.model.inputs import ClockChanged, DocumentReady, Input
from gateway.model.time import Clock, Now


class CaptureLines:
    """Reads line after line of one capture; `load` brings the document that a line names.

    Its time is the capture's own: `mono_s` is a line's `t`, and the clock is synced unless a line says otherwise.
    """

    def __init__(self, header: CaptureHeader, load: Callable[[DocumentFile], DocumentReady]) -> None:
        self.boot_id = f"capture:{header.started_at_utc_s:.3f}"
        self._load = load
        self._clock: Clock = "synced"
        self._offset_s = header.started_at_utc_s
        self._t_s = 0.0
        self._later_s = 0.0

    @property
    def now(self) -> Now:
        """The time of the last line read; the capture's start before the first."""
        return self._at(self._t_s + self._later_s)

    def resume(self, last: Now) -> None:
        """Go on where an earlier reading of this capture was at `last`: its clock may have been set before."""
        self._clock = last.clock
        self._offset_s = last.utc_s - last.mono_s
        self._t_s = last.mono_s

    def read(self, text: str, number: int, later_s: float = 0.0) -> tuple[tuple[Input, ...], Now]:
        """The inputs of line `number` and their time, moved by `later_s` (a capture played again).

        Raises:
            CaptureError: the line cannot be read, or asks what this version does not answer.
            DocumentRefused: the document that the line names is not taken.
        """
        line = parse_line(text, number, self._t_s if later_s == self._later_s else 0.0)
        self._t_s, self._later_s = line.t_s, later_s
        match line.content:
            case ClockSet(clock, utc_s):
                self._clock = clock
                self._offset_s = utc_s - line.t_s - later_s
                inputs: tuple[Input, ...] = (ClockChanged(),)
            case DocumentFile() as file:
                inputs = (self._load(file),)
            case Ask(body):
                try:
                    inputs = (parse_ask(body),)
                except FieldError as error:
                    raise CaptureError(number, str(error)) from error
            case FedRows(feed, serial, rows):
                inputs = (FeedBatch(feed, serial, f"capture:{serial}", read_rows(feed, rows)),)
            case tuple() as sightings:
                inputs = sightings
            case health:
                inputs = (health,)
        return inputs, self.now

    def _at(self, t_s: float) -> Now:
        return Now(t_s, self._offset_s + t_s, self._clock, self.boot_id)
