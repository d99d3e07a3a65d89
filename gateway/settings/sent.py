"""What head office may set by a settings document, and how it lies below what the operator wrote.

A key that the operator wrote, in the file or the environment, is the operator's; of the others the document's counts,
and where that says nothing the default.
"""

from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Any, Final

from gateway.documents.refusal import DocumentRefused
from gateway.documents.settings import DOCUMENT
from gateway.model.documents import SentSettings, SettingsEffect
from gateway.settings.filling import JUDGES, fill_options
from gateway.settings.problem import did_you_mean
from gateway.settings.reading import Key, dotted
from gateway.settings.surface import TABLES, Settings

SENDABLE: Final[Mapping[str, type]] = {name: TABLES[name] for name in ("logs", "presence", "outbox", "ledger")}
"""The tables whose keys head office may set. Nothing of whom the gateway trusts, talks or listens to is among them."""

LIVE: Final = frozenset({"logs.level"})
"""The keys that hold at once; the others hold from the next start."""

Values = Mapping[str, Mapping[str, object]]
"""Values by table and key."""


def operators_own(settings: Settings) -> Values:
    """What the operator wrote of the tables that head office may set."""
    return {
        name: {key: getattr(getattr(settings, name), key) for key in settings.written.get(name, ())}
        for name in SENDABLE
    }


def judge(sent: SentSettings, own: Values) -> None:
    """Whether the gateway could live by `sent`, alone and below the operator's `own`.

    Raises:
        DocumentRefused: `invalid`, with the first key that is not there, not head office's to set, or has a bad value.
    """
    for name in sent.tables:
        if name not in SENDABLE:
            problem = "this table is the operator's alone" if name in TABLES else "there is no such table"
            hint = did_you_mean(name, SENDABLE, f"Write one of {', '.join(SENDABLE)}")
            raise _refused((name,), problem, hint)
    for values in ({}, own):
        for name in sent.tables:
            _filled(name, sent, values)


def laid_under(settings: Settings, sent: SentSettings) -> Settings:
    """The operator's `settings` with `sent` in the place of the defaults.

    Raises:
        DocumentRefused: as `judge`.
    """
    own = operators_own(settings)
    judge(sent, own)
    return replace(settings, **{name: _filled(name, sent, own) for name in sent.tables})


def effect_of(sent: SentSettings, operators: Settings, running: Settings) -> SettingsEffect:
    """What `sent` comes to in a gateway whose operator wrote `operators` and that was started with `running`.

    Raises:
        DocumentRefused: as `judge`.
    """
    wanted, own = laid_under(operators, sent), operators_own(operators)
    changed = (
        f"{name}.{field.name}"
        for name, options in SENDABLE.items()
        for field in fields(options)
        if getattr(getattr(wanted, name), field.name) != getattr(getattr(running, name), field.name)
    )
    overruled = (f"{name}.{key}" for name, table in sent.tables.items() for key in table if key in own[name])
    return SettingsEffect(tuple(sorted(set(changed) - LIVE)), tuple(sorted(overruled)))


def _filled(name: str, sent: SentSettings, own: Values) -> Any:
    """The options of a table."""
    options = fill_options(SENDABLE[name], {**sent.tables[name], **own.get(name, {})}, (name,), _refuse)
    for key, problem, hint in JUDGES[name](options) if name in JUDGES else ():
        _refuse((name, key), problem, hint)
    return options


def _refuse(key: Key, problem: str, hint: str) -> None:
    raise _refused(key, problem, hint)


def _refused(key: Key, problem: str, hint: str) -> DocumentRefused:
    return DocumentRefused("invalid", problem, hint[:1].upper() + hint[1:], document=DOCUMENT, key=dotted(key))
