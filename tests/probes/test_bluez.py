"""Whose rights `doctor` speaks of."""

import os
import pwd
from pathlib import Path

import pytest

from gateway.probes.bluez import ask_bluez


async def test_the_account_is_the_processs_whatever_the_environment_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("LOGNAME", "USER"):
        monkeypatch.setenv(name, "somebody")
    seen = await ask_bluez(f"unix:path={tmp_path / 'no-bus'}")
    assert seen.user == pwd.getpwuid(os.geteuid()).pw_name
    assert seen.no_bus is not None
