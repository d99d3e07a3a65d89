"""Sessions that were ended before their time: remembered until they would have ended by themselves."""

import json
from pathlib import Path
from threading import Lock

from gateway.runtime.errors import StorageUnavailable
from gateway.runtime.files import replace_file


class EndedSessions:
    """Ids and ends (seconds since 1970) in `sessions.ended` of the state directory (mode 0600).

    A file that cannot be read counts as empty: what it said is over within half a day. Bounded by the codes that an
    operator hands out. Threads may add at once.
    """

    def __init__(self, directory: Path) -> None:
        self._path = directory / "sessions.ended"
        self._until_utc_s = self._read()
        self._adding = Lock()

    def __contains__(self, session: str) -> bool:
        return session in self._until_utc_s

    def add(self, session: str, until_utc_s: float, now_utc_s: float) -> None:
        """End a session that would have lasted until then.

        Raises:
            StorageUnavailable: the disk did not take it; it is ended until the gateway's next start.
        """
        with self._adding:
            kept = {each: until for each, until in self._until_utc_s.items() if until > now_utc_s}
            self._until_utc_s = kept | {session: until_utc_s}
            try:
                replace_file(self._path, json.dumps(self._until_utc_s).encode())
            except OSError as error:
                problem = f"the end of a session could not be kept ({error.strerror})"
                raise StorageUnavailable(problem, f"free room for {self._path}") from error

    def _read(self) -> dict[str, float]:
        try:
            kept = json.loads(self._path.read_bytes())
            return {str(session): float(until) for session, until in kept.items()}
        except (OSError, ValueError, AttributeError, TypeError):
            return {}
