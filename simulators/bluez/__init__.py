"""A Bluetooth stack without a radio: `org.bluez` on a private D-Bus, hearing what a simulation tells it to."""

from simulators.bluez.controller import Controller
from simulators.bluez.simulated import SimulatedBluez

__all__ = ["Controller", "SimulatedBluez"]
