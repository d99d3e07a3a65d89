"""One line on stderr that follows what goes on; where stderr is no terminal, a new line every five seconds."""

from types import TracebackType
from typing import Final, Self

from rich.console import Console
from rich.live import Live
from rich.text import Text

EVERY_S: Final = 5.0
"""Between two lines where there is no terminal (seconds)."""


class LiveLine:
    """Shows the newest text; `show` takes the time (monotonic seconds) that it is shown at."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._live = Live(console=console, auto_refresh=False) if console.is_terminal else None
        self._next_s = float("-inf")

    def __enter__(self) -> Self:
        if self._live is not None:
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._live is not None:
            self._live.stop()

    def show(self, text: str, now_s: float) -> None:
        """Replace the line, or add one if the last is five seconds old."""
        if self._live is not None:
            self._live.update(Text(text, no_wrap=True, overflow="ellipsis"), refresh=True)
        elif now_s >= self._next_s:
            self._console.print(text, markup=False, highlight=False, soft_wrap=True)
            self._next_s = now_s + EVERY_S
