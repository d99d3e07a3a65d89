"""Every kind of source there is: a new one is a file beside this and a line here."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from gateway.codecs.satellites.batch import sightings_topic
from gateway.sensing.ble.check_in_options import CheckInOptions
from gateway.sensing.ble.check_in_options import problems as check_in_problems
from gateway.sensing.ble.options import BleOptions
from gateway.sensing.ble.options import problems as ble_problems
from gateway.sensing.camera.film import FilmSource
from gateway.sensing.camera.film_options import FilmOptions
from gateway.sensing.camera.film_options import problems as film_problems
from gateway.sensing.camera.options import CameraOptions
from gateway.sensing.camera.options import problems as camera_problems
from gateway.sensing.camera.source import CameraSource
from gateway.sensing.capture import CaptureOptions, problems
from gateway.sensing.capture_file import CaptureFile
from gateway.sensing.capture_socket import CaptureSocket
from gateway.sensing.line_socket import InputOptions, LineSocket
from gateway.sensing.line_socket import problems as input_problems
from gateway.sensing.nfc.options import NfcOptions
from gateway.sensing.nfc.options import problems as nfc_problems
from gateway.sensing.nfc.source import NfcSource
from gateway.sensing.satellites.options import SatelliteOptions, filled
from gateway.sensing.satellites.options import problems as satellite_problems
from gateway.sensing.scanner.options import ScannerOptions
from gateway.sensing.scanner.options import problems as scanner_problems
from gateway.sensing.scanner.source import ScannerSource
from gateway.sensing.source import Source, Surroundings


@dataclass(frozen=True, slots=True)
class SourceKind:
    """How a kind is set up: its options, what is wrong with them as (key, problem, hint), and what is made of them."""

    options: type
    problems: Callable[[Any], list[tuple[str, str, str]]]
    make: Callable[[Any, Surroundings], Source]
    keeps_time: bool = False
    """Whether the gateway lives by its time; there can be one such source."""
    asks_pages: bool = False
    """Whether it needs the pages of the gateway; there can be one such source."""


def _ble(options: BleOptions, surroundings: Surroundings) -> Source:
    """Bleak takes a second to import on a small machine: only where a receiver is configured."""
    from gateway.sensing.ble.source import BleSource  # noqa: PLC0415 - what is not configured is not loaded

    return BleSource(options, surroundings)


def _check_in(options: CheckInOptions, surroundings: Surroundings) -> Source:
    from gateway.sensing.ble.check_in_source import CheckInSource  # noqa: PLC0415 - what is not configured is not loaded

    return CheckInSource(options, surroundings)


def _satellites(options: SatelliteOptions, surroundings: Surroundings) -> Source:
    from gateway.sensing.satellites.source import SatelliteSource  # noqa: PLC0415 - what is not configured is not loaded

    broker = options.broker(surroundings.mqtt)
    if broker is None:
        msg = "satellites without a broker: the settings are checked for this before"
        raise ValueError(msg)
    return SatelliteSource(filled(options, sightings_topic(surroundings.store)), broker, surroundings)


def _capture(options: CaptureOptions, surroundings: Surroundings) -> Source:
    if options.path is not None:
        return CaptureFile(options.path, options.speed, options.loop, surroundings)
    return CaptureSocket(options.socket or "", surroundings)


SOURCES: Final[Mapping[str, SourceKind]] = MappingProxyType(
    {
        "ble": SourceKind(BleOptions, ble_problems, _ble),
        "camera": SourceKind(CameraOptions, camera_problems, CameraSource),
        "capture": SourceKind(CaptureOptions, problems, _capture, keeps_time=True),
        "checkin": SourceKind(CheckInOptions, check_in_problems, _check_in),
        "film": SourceKind(FilmOptions, film_problems, FilmSource, asks_pages=True),
        "satellites": SourceKind(SatelliteOptions, satellite_problems, _satellites),
        "input": SourceKind(InputOptions, input_problems, LineSocket),
        "nfc": SourceKind(NfcOptions, nfc_problems, NfcSource),
        "scanner": SourceKind(ScannerOptions, scanner_problems, ScannerSource),
    }
)
