"""Every decoder, ordered by measured worth (benchmarks/codes.py): a new one is a file beside this and a line here."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from gateway.vision.code import Gray, Reading
from gateway.vision.decoders import zbar, zxing

Decode = Callable[[Gray], list[Reading]]

DECODERS: Final[Mapping[str, Decode]] = MappingProxyType({"zxing-cpp": zxing.read, "zbar": zbar.read})
