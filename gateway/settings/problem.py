"""What is wrong with the settings, in words for whoever wrote them."""

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that has to be mended: the file, the key in it (empty: the whole file), what is wrong, what to do."""

    file: str
    key: str
    problem: str
    hint: str

    def __str__(self) -> str:
        place = f"{self.file}: {self.key}" if self.key else self.file
        return f"{place}: {self.problem}; {self.hint}"


class SettingsRefused(Exception):
    """The gateway cannot run with these settings; nothing was changed. `problems` are all that were found."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


class SettingsUnreadable(SettingsRefused):
    """The settings file is missing, cannot be read, or is not TOML."""

    def __init__(self, problem: Problem) -> None:
        super().__init__((problem,))


def did_you_mean(word: str, known: Iterable[str], otherwise: str) -> str:
    """A hint for an unknown word: the known one that is closest, else `otherwise`."""
    close = get_close_matches(word.lower(), list(known), n=1)
    return f"did you mean {close[0]}?" if close else otherwise
