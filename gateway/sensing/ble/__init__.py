"""Bluetooth: advertisements that BlueZ hears, by bleak, as sightings. Nothing else knows of packets or adapters."""
