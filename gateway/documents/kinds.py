"""The documents that are kept as files of our own making: members and products, mapped; devices, sealed."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from gateway.documents.devices import opened_devices, pack_devices
from gateway.documents.elements import utf8
from gateway.documents.mapped import Lookup, MapFile, MapWriter
from gateway.documents.mapping import FEW, Compiling, Mapped
from gateway.documents.member_files import MemberFiles
from gateway.documents.member_packing import pack_members
from gateway.documents.member_record import member_of
from gateway.documents.products import ProductsReading
from gateway.model.documents import Member, Members, Products


class MemberLookup(Lookup[Member]):
    """Members by handle, each opened as it is asked for; their keys stay in `files`."""

    def __init__(self, files: MemberFiles) -> None:
        super().__init__(member_of, files.whole, files.changes)
        self.files = files


def _pack_products(task: Compiling, made: MapWriter) -> Mapping[str, object]:
    reading = ProductsReading(utf8(task.new.path.read_bytes(), "products"))
    for gtin, product in reading:
        made.add(gtin.encode(), json.dumps(product, ensure_ascii=False, separators=(",", ":")).encode())
    return {"serial": reading.serial}


def _products(maps: Sequence[MapFile], _device_key: bytes) -> Products:
    def decode(_gtin: str, value: bytes) -> Mapping[str, object]:
        product: Mapping[str, object] = json.loads(value)
        return product

    return Products(int(str(maps[0].about["serial"])), Lookup(decode, maps[0]))


def _members(maps: Sequence[MapFile], device_key: bytes) -> Members:
    files = MemberFiles(maps, device_key)
    files.verify()
    about: Any = maps[-1].about
    return Members(
        serial=about["serial"],
        members=MemberLookup(files),
        valid_from_utc_s=about["valid_from_utc_s"],
        valid_until_utc_s=about["valid_until_utc_s"],
        tokens_handed=sum(map(len, maps)) > FEW,
        day_keys=files,
    )


MAPPED: Final[Mapping[str, Mapped]] = {
    "devices": Mapped(pack_devices, opened_devices, spent=True),
    "members": Mapped(pack_members, _members, spent=True),
    "products": Mapped(_pack_products, _products),
}
"""By document; the others are small, and compiled into memory."""
