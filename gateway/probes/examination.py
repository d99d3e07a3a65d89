"""Every probe, in the order in which trouble explains trouble: settings, what hears, clock, disk, broker, pages."""

from collections.abc import AsyncIterator, Mapping
from pathlib import Path

from gateway.probes.bluez import ask_bluez, judge_bluez
from gateway.probes.broker import judge_brokers, try_brokers
from gateway.probes.camera import judge_camera, look_at_camera
from gateway.probes.certificate import judge_certificates, look_at_certificates, today
from gateway.probes.clock import judge_clock, look_at_clock
from gateway.probes.disk import judge_disk, look_at_disk
from gateway.probes.finding import Finding
from gateway.probes.pages import ask_pages, judge_pages
from gateway.probes.reader import judge_reader, look_at_nfc, look_at_scanner
from gateway.probes.rfkill import bluetooth_switches, judge_switches
from gateway.probes.swap import judge_swap, look_at_swap
from gateway.sensing.source import SourceSettings
from gateway.settings import Problem, Settings, SettingsRefused, check_settings, load_settings
from gateway.storage.database import StateOptions

BUS_ADDRESS = "DBUS_SYSTEM_BUS_ADDRESS"
"""The variable that names another system bus (dbus-daemon(1))."""
BLUETOOTH = "ble"
"""The kind of source that needs a Bluetooth adapter."""


async def examine(path: Path, environ: Mapping[str, str]) -> AsyncIterator[Finding]:
    """What the machine is like for a gateway with the settings at `path`, one finding after another.

    Without settings that can be read the machine is still looked at, as for a gateway that hears Bluetooth.
    """
    settings: Settings | None = None
    try:
        settings = load_settings(path, environ)
        problems = (await check_settings(settings, environ)).problems
    except SettingsRefused as refused:
        problems = refused.problems
    for finding in _settings(path, problems):
        yield finding
    for finding in await _radio(settings, environ.get(BUS_ADDRESS)):
        yield finding
    for source in settings.sources if settings else ():
        for finding in await _device(source):
            yield finding
    yield judge_clock(look_at_clock())
    for finding in judge_disk(look_at_disk((settings.state if settings else StateOptions()).directory)):
        yield finding
    yield judge_swap(look_at_swap())
    if settings is not None:
        for finding in [*await _broker(settings), await _pages(settings)]:
            yield finding


def _settings(path: Path, problems: tuple[Problem, ...]) -> list[Finding]:
    means = "the gateway does not start"
    if not problems:
        return [Finding("settings", "ok", f"{path} and all that it names")]
    return [
        Finding(
            "settings", "problem", f"{': '.join(filter(None, (each.file, each.key, each.problem)))}", means, each.hint
        )
        for each in problems
    ]


async def _radio(settings: Settings | None, bus_address: str | None) -> list[Finding]:
    wanted: list[str | None] = [None]
    if settings is not None:
        options = [source.options for source in settings.sources if source.kind == BLUETOOTH]
        wanted = [getattr(each, "adapter", None) for each in options]
    if not wanted:
        means = "this machine's own Bluetooth is not used"
        mend = f'add [[sources]] with kind = "{BLUETOOTH}", if it should be'
        return [Finding("bluez", "skipped", f"the settings have no source of kind {BLUETOOTH}", means, mend)]
    return [judge_switches(bluetooth_switches()), *judge_bluez(await ask_bluez(bus_address), wanted)]


async def _device(source: SourceSettings) -> list[Finding]:
    match source.kind:
        case "camera":
            return [judge_camera(await look_at_camera(source.options.receiver, source.options.camera))]
        case "scanner":
            return [judge_reader(look_at_scanner(source.options.receiver, source.options.device))]
        case "nfc":
            return [judge_reader(look_at_nfc(source.options.receiver))]
    return []


async def _broker(settings: Settings) -> list[Finding]:
    if settings.mqtt is None:
        return [Finding("broker", "skipped", "the settings have no [mqtt]", "events wait in the outbox")]
    seen = await try_brokers(settings.mqtt, settings.store.ref)
    shown = [each.certificate for each in seen if each.certificate is not None]
    certificates = judge_certificates([*look_at_certificates(settings.mqtt), *shown], today())
    return [*judge_brokers(seen), *(certificates or [Finding("certificate", "skipped", "none is used")])]


async def _pages(settings: Settings) -> Finding:
    if settings.http is None:
        return Finding("pages", "skipped", "the settings have no [http]", "nothing is served")
    return judge_pages(await ask_pages(settings.http))
