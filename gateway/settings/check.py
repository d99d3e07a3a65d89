"""What the settings lead to: files, documents, state. Looks and changes nothing."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from stat import S_IFDIR

from gateway.codecs.captures import CaptureError, parse_header
from gateway.codecs.signing import public_key_from
from gateway.core.plan_review import review_plan
from gateway.documents.mapping import Source
from gateway.documents.refusal import DocumentRefused
from gateway.documents.registry import load_signed, load_unsigned
from gateway.documents.survey import load_survey
from gateway.model.documents import FloorPlan, Members
from gateway.model.inputs import DocumentReady
from gateway.model.survey import Survey
from gateway.runtime.files import kind_of
from gateway.sensing.capture import CaptureOptions
from gateway.settings.doubts import doubts
from gateway.settings.problem import Problem
from gateway.settings.surface import Settings
from gateway.storage.outbox import open_outbox
from gateway.storage.refusals import Damaged, DiskFull, SecretRefused, Unreadable
from gateway.storage.room import RESERVE_FILE
from gateway.storage.secret import DATABASE_FILE, OWN_FILE, find_secret


@dataclass(frozen=True, slots=True)
class Checked:
    """What was found: problems (the gateway cannot run), warnings (it can), the documents that were read on the way.

    `floorplan` and `survey` are None where they are a problem or not named; `documents` are the signed files that are
    as they should be.
    """

    problems: tuple[Problem, ...]
    warnings: tuple[Problem, ...]
    floorplan: DocumentReady | None
    documents: Mapping[str, Source]
    survey: Survey | None = None


async def check_settings(settings: Settings, environ: Mapping[str, str]) -> Checked:
    """Look at everything that `settings` name."""
    look = _Look(settings)
    floorplan = look.floorplan()
    survey = look.survey()
    documents = look.documents()
    look.trust()
    look.captures()
    await look.state(environ)
    return Checked(tuple(look.problems), tuple(look.warnings), floorplan, documents, survey)


class _Look:
    def __init__(self, settings: Settings) -> None:
        self.problems: list[Problem] = []
        self.warnings: list[Problem] = []
        self._settings = settings

    def floorplan(self) -> DocumentReady | None:
        store = self._settings.store
        if store.floorplan is None:
            return None
        try:
            plan = load_unsigned(store.floorplan, "floorplan")
        except DocumentRefused as refused:
            self._refused("store.floorplan", store.floorplan, refused)
            return None
        if isinstance(plan.content, FloorPlan):
            self._doubt(plan.content, store.floorplan)
        return plan

    def _doubt(self, plan: FloorPlan, path: Path) -> None:
        for key, problem, hint in doubts(self._settings, plan):
            self._warn(key, problem, hint)
        for doubt in review_plan(plan):
            self._warn("store.floorplan", f"{path.name} ({doubt.key}): {doubt.problem}", doubt.hint)

    def survey(self) -> Survey | None:
        store = self._settings.store
        if store.survey is None:
            return None
        try:
            return load_survey(store.survey, store.id)
        except DocumentRefused as refused:
            self._refused("store.survey", store.survey, refused)
            return None

    def documents(self) -> Mapping[str, Source]:
        store, found = self._settings.store, {}
        for name, path in self._settings.documents.given().items():
            try:
                document = load_signed(path, name, tenant=store.tenant, store=store.id, trust=self._settings.trust)
            except DocumentRefused as refused:
                self._refused(f"documents.{name}", path, refused)
                continue
            if isinstance(document.content, Members) and document.content.base_serial is not None:
                problem = f"{path.name}: it only changes the members of serial {document.content.base_serial}"
                self._tell(f"documents.{name}", problem, "put the whole document there")
            else:
                found[name] = Source(path, document.serial, document.digest, path.stat().st_size)
        return found

    def trust(self) -> None:
        for name, text in self._settings.trust.keys.items():
            try:
                public_key_from(text)
            except ValueError as error:
                self._tell(f"trust.keys.{name}", str(error), "write base64 of the 32 bytes of an Ed25519 public key")

    def captures(self) -> None:
        for number, source in enumerate(self._settings.sources):
            if isinstance(source.options, CaptureOptions) and source.options.path is not None:
                self._capture(f"sources[{number}].path", source.options.path)

    def _capture(self, key: str, path: Path) -> None:
        try:
            with path.open(encoding="utf-8") as lines:
                parse_header(lines.readline())
        except OSError as error:
            self._tell(key, f"{path} cannot be read ({error.strerror})", "name a capture file (*.ndjson)")
        except (CaptureError, ValueError) as error:
            self._tell(key, f"{path} is no capture: {error}", "name a capture file (*.ndjson)")

    async def state(self, environ: Mapping[str, str]) -> None:
        directory = self._settings.state.directory
        existing = next(place for place in (directory, *directory.parents) if kind_of(place))
        if kind_of(existing) != S_IFDIR or not os.access(existing, os.W_OK | os.X_OK):
            problem = f"{existing} is no directory that this user may write"
            self._tell("state.directory", problem, "name a directory of the gateway's own, or give it to its user")
            return
        has_state = any((directory / name).exists() for name in (DATABASE_FILE, OWN_FILE))
        try:
            if has_state:
                secret = find_secret(directory, environ)
                if (directory / DATABASE_FILE).exists():
                    async with open_outbox(directory, secret):
                        pass
        except Damaged as damaged:
            self.warnings.append(Problem(str(damaged.path), "", damaged.problem, damaged.hint))
        except DiskFull as full:
            told = self.warnings if (directory / RESERVE_FILE).exists() else self.problems
            told.append(Problem(str(full.path), "", full.problem, full.hint))
        except (SecretRefused, Unreadable) as refused:
            self.problems.append(Problem(str(refused.path), "", refused.problem, refused.hint))

    def _refused(self, key: str, path: Path, refused: DocumentRefused) -> None:
        where = f" ({refused.key})" if refused.key else ""
        problem, hint = f"{path.name}{where}: {refused.problem}", refused.hint[:1].lower() + refused.hint[1:]
        self._tell(key, problem, hint)

    def _tell(self, key: str, problem: str, hint: str) -> None:
        self.problems.append(Problem(self._settings.file, key, problem, hint))

    def _warn(self, key: str, problem: str, hint: str) -> None:
        self.warnings.append(Problem(self._settings.file, key, problem, hint))
