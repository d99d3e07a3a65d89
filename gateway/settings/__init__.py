"""The settings: read, checked, composed from the options of every part."""

from gateway.settings.check import Checked, check_settings
from gateway.settings.compose import load_settings
from gateway.settings.in_force import InForce, library_of, settings_in_force
from gateway.settings.problem import Problem, SettingsRefused, SettingsUnreadable
from gateway.settings.surface import DocumentFiles, Settings, StoreOptions

__all__ = [
    "Checked",
    "DocumentFiles",
    "InForce",
    "Problem",
    "Settings",
    "SettingsRefused",
    "SettingsUnreadable",
    "StoreOptions",
    "check_settings",
    "library_of",
    "load_settings",
    "settings_in_force",
]
