"""Bluetooth advertisements: one file a beacon format, each a decode and encode pair; `payload` is the way in."""

from gateway.codecs.adverts.altbeacon import AltBeacon
from gateway.codecs.adverts.eddystone_eid import EddystoneEid
from gateway.codecs.adverts.eddystone_etlm import EddystoneEtlm
from gateway.codecs.adverts.eddystone_tlm import EddystoneTlm
from gateway.codecs.adverts.eddystone_uid import EddystoneUid
from gateway.codecs.adverts.eddystone_url import EddystoneUrl
from gateway.codecs.adverts.ibeacon import IBeacon
from gateway.codecs.adverts.member_token import MemberTokenFrame
from gateway.codecs.adverts.payload import (
    Decoded,
    decode_payload,
    encode_payload,
    frame_fields,
    token_of,
    tokens_in,
    tokens_in_structure,
)
from gateway.codecs.adverts.registry import FORMATS, Frame

__all__ = [
    "FORMATS",
    "AltBeacon",
    "Decoded",
    "EddystoneEid",
    "EddystoneEtlm",
    "EddystoneTlm",
    "EddystoneUid",
    "EddystoneUrl",
    "Frame",
    "IBeacon",
    "MemberTokenFrame",
    "decode_payload",
    "encode_payload",
    "frame_fields",
    "token_of",
    "tokens_in",
    "tokens_in_structure",
]
