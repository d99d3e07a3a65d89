"""Every beacon format the gateway knows: a new one is a file of its own and a line here."""

from typing import Any, Final

from gateway.codecs.adverts import (
    altbeacon,
    eddystone_eid,
    eddystone_etlm,
    eddystone_tlm,
    eddystone_uid,
    eddystone_url,
    ibeacon,
    member_token,
)
from gateway.codecs.adverts.format import Format

Frame = (
    ibeacon.IBeacon
    | altbeacon.AltBeacon
    | eddystone_uid.EddystoneUid
    | eddystone_url.EddystoneUrl
    | eddystone_tlm.EddystoneTlm
    | eddystone_etlm.EddystoneEtlm
    | eddystone_eid.EddystoneEid
    | member_token.MemberTokenFrame
)

FORMATS: Final[tuple[Format[Any], ...]] = (
    ibeacon.FORMAT,
    altbeacon.FORMAT,
    eddystone_uid.FORMAT,
    eddystone_url.FORMAT,
    eddystone_tlm.FORMAT,
    eddystone_etlm.FORMAT,
    eddystone_eid.FORMAT,
    member_token.IN_SERVICE_DATA,
    member_token.IN_SERVICE_UUID,
)
