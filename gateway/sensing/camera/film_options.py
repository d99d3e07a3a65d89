"""The settings of pictures that phones film."""

from dataclasses import dataclass
from pathlib import Path
from stat import S_IFDIR

from gateway.runtime.files import kind_of


@dataclass(frozen=True, slots=True)
class FilmOptions:
    """A `[[sources]]` table of kind `film`."""

    pictures: Path
    """A folder of reference pictures, each named by its marker's id (`A7.jpg`); at most 200."""
    cpu: float = 0.3
    """How much of one processor recognising them may take, 0.05 to 1."""
    held_s: float = 60.0
    """The same picture filmed again by the same phone counts again after this long (seconds)."""


def problems(options: FilmOptions) -> list[tuple[str, str, str]]:
    """What is wrong with the options, as (key, problem, hint)."""
    found = []
    if kind_of(options.pictures) != S_IFDIR:
        found.append(("pictures", "there is no such folder", "name a folder of pictures"))
    if not 0.05 <= options.cpu <= 1:
        found.append(("cpu", f"{options.cpu} is out of range", "write a share of one processor, 0.05 to 1"))
    if not 1 <= options.held_s <= 3600:
        found.append(("held_s", f"{options.held_s} is out of range", "write 1 to 3600 (seconds)"))
    return found
