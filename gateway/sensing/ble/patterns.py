"""What a passive scan asks BlueZ for: AD structures that can hold one of our frames.

Source: doc/org.bluez.AdvertisementMonitor.rst of BlueZ. The kernel takes at most 16 patterns.
"""

from typing import Any, Final

from bleak.args.bluez import OrPattern
from bleak.assigned_numbers import AdvertisementDataType

from gateway.codecs.adverts import altbeacon, eddystone, ibeacon, member_token
from gateway.codecs.adverts.format import Format

_MANUFACTURER: Final = AdvertisementDataType.MANUFACTURER_SPECIFIC_DATA
_AFTER_TOKEN: Final = 8
"""In a service UUID as it is on the air, little-endian, the token's 8 bytes come before the prefix."""


def _pattern(format_: Format[Any]) -> OrPattern:
    return OrPattern(format_.offset, AdvertisementDataType(format_.ad_type), format_.signature)


OR_PATTERNS: Final = (
    _pattern(ibeacon.FORMAT),
    _pattern(altbeacon.FORMAT),
    OrPattern(0, AdvertisementDataType.SERVICE_DATA_UUID16, eddystone.UUID),
    _pattern(member_token.IN_SERVICE_DATA),
    OrPattern(_AFTER_TOKEN, AdvertisementDataType.COMPLETE_LIST_SERVICE_UUID128, member_token.UUID_PREFIX[::-1]),
)
