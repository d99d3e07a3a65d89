"""What a child does for documents: it is asked one thing, does it, and ends (`python -m gateway.documents.job`).

A job is a function from a question's facts to an answer's, and a line in `JOBS`.
"""

import hashlib
import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from gateway.codecs.tokens import SLOT_S, day_of
from gateway.documents.checks import Here, check_floorplan, check_store
from gateway.documents.fetch import Unreachable, Wanted, fetch
from gateway.documents.kinds import MAPPED
from gateway.documents.mapped import MapDamaged, MapFile, MapWriter
from gateway.documents.mapping import Compiling, Source, source_of
from gateway.documents.member_files import MemberFiles
from gateway.documents.refusal import DocumentRefused
from gateway.documents.registry import check_serial, compile_document
from gateway.documents.verify import check_content
from gateway.model.documents import FloorPlan, SentSettings
from gateway.runtime.child import answer_parent

Facts = Mapping[str, Any]


def fetch_job(asked: Facts) -> Facts:
    """Bring a document to its place."""
    ca = asked["ca"]
    wanted = Wanted(asked["name"], asked["url"], asked["size"], asked["digest"], None if ca is None else Path(ca))
    fetch(wanted, Path(asked["path"]))
    return {}


def compile_job(asked: Facts) -> Facts:
    """Check a document and, where it is one of those, write it as an indexed file; tells the `changes` in that."""
    name = asked["name"]
    new, before = source_of(asked["new"]), tuple(source_of(each) for each in asked["before"])
    here = Here(asked["tenant"], asked["store"], frozenset(asked["receivers"]))
    _check_source(name, new)
    kind = MAPPED.get(name)
    if kind is None:
        compiled = compile_document(name, new.path.read_bytes())
        check_serial(name, compiled, new.serial)
        if isinstance(compiled, FloorPlan):
            check_floorplan(compiled, here)
        if isinstance(compiled, SentSettings):
            check_store(name, compiled.tenant, compiled.store, here)
        return {"changes": 0}
    task = Compiling(new, before, tuple(map(Path, asked["maps"])), Path(asked["map"]), bytes.fromhex(asked["key"]))
    with MapWriter(task.path) as made:
        about = kind.pack(task, made)
        if about["serial"] != new.serial:
            problem = f"it says serial {about['serial']}, and its manifest {new.serial}"
            raise DocumentRefused("wrong_serial", problem, "Sign it under its own serial", document=name, key="serial")
        check_store(name, about.get("tenant"), about.get("store"), here)
        changes = about.get("changes", 0)
        kept = (*before, new) if changes else (new,)
        made.end({**about, "document": name, "of": [source.digest for source in kept]})
    return {"changes": changes}


def tokens_job(asked: Facts) -> Facts:
    """The token tables of some slots, each into a file that the parent lent; tells how many `rows` each has."""
    from gateway.documents.tabulation import tabulate  # noqa: PLC0415 - numpy has no room in the other jobs' memory

    members = MemberFiles([MapFile.open(Path(each)) for each in asked["maps"]], bytes.fromhex(asked["key"]))
    rows = []
    for slot, lent in zip(asked["slots"], asked["into"], strict=True):
        with os.fdopen(lent, "wb", closefd=False) as into:
            into.seek(0)  # an earlier child may have been killed while it wrote
            into.truncate()
            rows.append(tabulate(members.rows(day_of(slot * SLOT_S)), slot, into))
    return {"rows": rows}


JOBS: Final[Mapping[str, Callable[[Facts], Facts]]] = {
    "fetch": fetch_job,
    "compile": compile_job,
    "tokens": tokens_job,
}
"""A new job is one function and one line here."""


def answered(question: bytes, jobs: Mapping[str, Callable[[Facts], Facts]] = JOBS) -> bytes:
    """The answer to a question, in JSON.

    It is `done` with facts, `refused` with code and words, `unreachable`, or `unwritten` (the disk).
    """
    asked = json.loads(question)
    try:
        answer: dict[str, Any] = {"done": jobs[asked["job"]](asked)}
    except DocumentRefused as refused:
        answer = {"refused": [refused.code, refused.problem, refused.hint, refused.key]}
    except Unreachable as unreachable:
        answer = {"unreachable": str(unreachable)}
    except MapDamaged as damaged:
        answer = {"refused": ["not_compiled", str(damaged), "Nothing: it is made again", ""]}
    except OSError as error:
        answer = {"unwritten": error.strerror or type(error).__name__}
    return json.dumps(answer).encode()


def _check_source(name: str, source: Source) -> None:
    try:
        with source.path.open("rb") as file:
            digest = "sha256:" + hashlib.file_digest(file, "sha256").hexdigest()
            size = file.tell()
    except FileNotFoundError as error:
        raise DocumentRefused("missing", "its bytes are not here any more", "Send it again", document=name) from error
    check_content(name, source.size, source.digest, size, digest)


if __name__ == "__main__":
    answer_parent(answered)
