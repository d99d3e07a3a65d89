"""A floor plan that asks for every kind of device."""

from gateway.documents.floorplan import compile_floorplan
from gateway.model.documents import FloorPlan

EVERY_KIND = """
[store]
id = "0042"
tenant = "acme"
timezone = "Europe/Paris"
[[zones]]
id = "shoes"
kind = "aisle"
[[receivers]]
id = "gw-1"
[[receivers]]
id = "sat-1"
kind = "satellite"
[[beacons]]
id = "b-7"
format = "ibeacon"
uuid = "5F1D0000-0000-4000-8000-00805F9B0001"
major = 42
minor = 7
zone = "shoes"
[[beacons]]
id = "Große_Säule_am_Eingang_links_hinten"
format = "ibeacon"
uuid = "5f1d0000-0000-4000-8000-00805f9b0001"
major = 42
minor = 8
zone = "shoes"
[[beacons]]
id = "ey-1"
format = "eddystone_uid"
namespace = "00112233445566778899"
instance = "001122334455"
zone = "shoes"
[[beacons]]
id = "fob"
format = "ibeacon"
uuid = "5f1d0000-0000-4000-8000-00805f9b0001"
major = 42
minor = 9
mobile = true
"""


def plan(text: str = EVERY_KIND) -> FloorPlan:
    return compile_floorplan(text.encode())
