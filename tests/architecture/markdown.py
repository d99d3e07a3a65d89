"""Just enough Markdown to ask a document what it names: headings and the first cells of tables, by section."""

import re
from pathlib import Path

CODE = re.compile(r"`([^`]+)`")


def section(path: Path, heading: str) -> str:
    """The text below `heading` (its words, without marks) down to the next heading of its level or above.

    Raises:
        LookupError: the document has no such heading.
    """
    kept: list[str] = []
    level = 0
    for line in path.read_text(encoding="utf-8").splitlines():
        marks, _, words = line.partition(" ")
        is_heading = marks.startswith("#") and not marks.strip("#")
        if level and is_heading and len(marks) <= level:
            break
        if level:
            kept.append(line)
        elif is_heading and words.replace("`", "") == heading:
            level = len(marks)
    if not level:
        msg = f"{path.name} has no heading {heading!r}"
        raise LookupError(msg)
    return "\n".join(kept)


def headings(text: str) -> set[str]:
    """The code spans that are whole headings: `### `run``."""
    return {match[1] for match in re.finditer(r"^#+ `([^`]+)`$", text, re.MULTILINE)}


def first_cells(text: str) -> set[str]:
    """The code spans in the first cell of every table row."""
    return {span for cells in rows(text) for span in CODE.findall(cells[0])}


def rows(text: str) -> list[list[str]]:
    """The cells of every table row, heads and rules left out."""
    lines = text.splitlines()
    bodies = [
        line
        for line, before in zip(lines, ["", *lines], strict=False)
        if line.startswith("|") and before.startswith("|") and not line.startswith("|--")
    ]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in bodies]
