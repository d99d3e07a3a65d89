"""The settings in force: the operator's, above those that head office sent last, above the defaults."""

from dataclasses import dataclass
from functools import partial
from typing import Final

from gateway.documents.apart import Apart
from gateway.documents.checks import Here
from gateway.documents.refusal import DocumentRefused
from gateway.documents.settings import DOCUMENT
from gateway.model.documents import FloorPlan, SentSettings, SettingsEffect
from gateway.model.health import Condition
from gateway.runtime.child import ask_child
from gateway.runtime.errors import StorageUnavailable
from gateway.runtime.logs import Loudness
from gateway.settings.check import Checked
from gateway.settings.sent import effect_of, laid_under, operators_own
from gateway.settings.surface import Settings
from gateway.storage.documents import KeptDocuments
from gateway.storage.refusals import Unreadable
from gateway.uplink.library import Library

JUDGES: Final = {DOCUMENT: partial(ask_child, "gateway.settings.judge_job")}
"""Who checks which document, where that is not the child of all."""


def library_of(settings: Settings, checked: Checked) -> Library:
    """The documents of this gateway on its disk, each checked against this place."""
    plan = None if checked.floorplan is None else checked.floorplan.content
    hearing = {str(getattr(source.options, "receiver", "")) for source in settings.sources}
    hearing |= {each for source in settings.sources for each in getattr(source.options, "receivers", ())}
    receivers = frozenset(hearing & set(plan.receivers)) if isinstance(plan, FloorPlan) else frozenset()
    here = Here(settings.store.tenant, settings.store.id, receivers, operators_own(settings))
    kept = KeptDocuments(settings.state.directory)
    return Library(kept, Apart(here, judges=JUDGES), settings.store.ref, settings.trust)


@dataclass(frozen=True, slots=True)
class InForce:
    """What the operator wrote, and what this run lives by; `trouble`: why the document kept is not part of it."""

    operators: Settings
    running: Settings
    trouble: Condition | None = None

    def loudness(self) -> Loudness:
        """The log, as loud as it is to be from now on."""
        loudness = Loudness(self.operators.logs.level)
        if self.running.logs != self.operators.logs:
            loudness.settle(self.running.logs.level)
        return loudness

    def take(self, loudness: Loudness, sent: SentSettings) -> SettingsEffect:
        """Do of `sent`, which was judged, what can be done at once, and tell what it comes to."""
        loudness.settle(laid_under(self.operators, sent).logs.level)
        return effect_of(sent, self.operators, self.running)


async def settings_in_force(operators: Settings, library: Library) -> InForce:
    """The operator's settings with the document that head office sent last, if that is kept and still fits."""
    try:
        kept = await library.restore(DOCUMENT)
        if kept is None or not isinstance(kept.ready.content, SentSettings):
            return InForce(operators, operators)
        return InForce(operators, laid_under(operators, kept.ready.content))
    except DocumentRefused as refused:
        return InForce(operators, operators, refused.condition(f"documents:{DOCUMENT}"))
    except (Unreadable, StorageUnavailable) as error:
        problem = str(error)
    trouble = Condition(f"documents:{DOCUMENT}", "unreadable", "warning", problem, {"said": problem})
    return InForce(operators, operators, trouble)
