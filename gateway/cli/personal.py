"""What `privacy` does on the state of a device: read what is kept of a member, or forget it."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import cast

from gateway.core.agreement import in_force
from gateway.core.engine import Engine
from gateway.core.export import exported
from gateway.core.personal import records_of
from gateway.documents.apart import Apart
from gateway.documents.checks import Here
from gateway.documents.refusal import DocumentRefused
from gateway.model.commands import ErasedState
from gateway.model.consent import Consent
from gateway.model.documents import FloorPlan, Member, Members
from gateway.model.inputs import Erase
from gateway.model.personal import Held
from gateway.model.step import Record
from gateway.runtime.clock import SystemClock
from gateway.settings import Settings, SettingsRefused, check_settings
from gateway.storage.batch import Batch
from gateway.storage.connection import find_database, open_sealed, read_rows
from gateway.storage.database import open_store
from gateway.storage.documents import KeptDocuments
from gateway.storage.journal import read_journal
from gateway.storage.ledger import open_ledger
from gateway.storage.outbox import open_outbox
from gateway.storage.personal import MOST_SHOWN
from gateway.storage.refusals import Unreadable
from gateway.storage.restored import read_records
from gateway.storage.secret import OwnKeys, find_secret
from gateway.uplink.library import Library


class NotKept(Exception):
    """Nothing is kept of a member."""

    def __init__(self) -> None:
        super().__init__("nothing is kept of that member here")


async def export_here(settings: Settings, environ: Mapping[str, str], handle: str) -> dict[str, object]:
    """All that is kept of the member of this handle, as `GET /v1/me` shows it.

    Raises:
        NotKept: nothing is.
        Unreadable: the state or its secret cannot be read.
        StorageUnavailable: the disk does not answer.
        Corrupted: a row is not as it was written.
    """
    directory, subject = settings.state.directory, f"m.{handle}"
    find_database(directory)
    secret = find_secret(directory, environ)
    records = records_of(await _records(settings, secret), handle)
    async with open_ledger(directory, secret) as ledger, open_outbox(directory, secret) as outbox:
        decisions = await ledger.decisions(subject, limit=MOST_SHOWN)
        waiting = await outbox.of_subject(subject)
    member = await _member(settings, secret, handle, records)
    if not (records or decisions or waiting or member):
        raise NotKept
    return exported(Held(handle, member, records), decisions, waiting, settings.privacy)


async def erase_here(settings: Settings, environ: Mapping[str, str], handle: str) -> dict[str, int]:
    """Forget the member of this handle on a device whose gateway is stopped; how much of each kind went.

    Raises:
        SettingsRefused: the floor plan cannot be read.
        Unreadable: a gateway runs on the state, or it cannot be read.
        StorageUnavailable: the disk did not take it; nothing was changed.
        Corrupted: a row is not as it was written.
    """
    directory, checked = settings.state.directory, await check_settings(settings, environ)
    if checked.floorplan is None:
        raise SettingsRefused(checked.problems)
    find_database(directory)
    secret = find_secret(directory, environ)
    async with open_store(directory, secret, outbox=settings.outbox, ledger=settings.ledger) as store:
        engine = Engine(
            incarnation=store.incarnation,
            id_key=OwnKeys.of(secret).ids,
            floorplan=cast("FloorPlan", checked.floorplan.content),
            privacy=settings.privacy,
        )
        engine.restore((await store.load()).records)
        step = engine.step(Erase(handle), SystemClock()())
        await store.commit(Batch(step.changes, step.events, step.decisions))
        went = store.erasures.outcome(f"m.{handle}")
    return asdict(cast("ErasedState", step.answer)) | ({} if went is None else asdict(went))


async def _records(settings: Settings, secret: bytes) -> list[Record]:
    async with open_sealed(settings.state.directory, secret) as (connection, sealer):
        sealer.learn(dict(await read_rows(connection, "SELECT day, wrapped FROM day_keys")))
        records, _ = await read_records(connection, sealer)
        _, newer = await read_journal(connection, sealer)
    return [record for record in (records | newer).values() if record is not None]


async def _member(settings: Settings, secret: bytes, handle: str, records: tuple[Record, ...]) -> Member | None:
    """The member as the kept document and consent have it; None where there is none that can be read."""
    library = Library(
        KeptDocuments(settings.state.directory),
        Apart(Here(settings.store.tenant, settings.store.id, frozenset())),
        settings.store.ref,
        settings.trust,
        OwnKeys.of(secret).members,
    )
    try:
        in_use = await library.restore("members", None)
    except (DocumentRefused, Unreadable):
        return None
    if in_use is None:
        return None
    members = cast("Members", in_use.ready.content)
    member = members.members.get(handle)
    consent = next((each for each in records if isinstance(each, Consent)), None)
    return member and in_force(member, consent, members.serial)
