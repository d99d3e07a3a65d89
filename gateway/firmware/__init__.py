"""Firmware of the shop's own transmitters and receivers, made from the floor plan and compared with it.

The ESPHome packages that a device's file includes are in `firmware-config/esphome`, which `esphome` here links to.
"""
