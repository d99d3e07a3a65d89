#!/usr/bin/env bash
# Lets ESPHome's own `config` command judge the generated firmware. ESPHome has a venv of its own, made from its own lock:
# it needs another paho than the gateway, and 250 MB that nobody else needs. Nothing is compiled.
set -euo pipefail
cd "$(dirname "$0")/.."
lock=requirements/esphome.lock
venv=.venv-esphome
wanted=$(sha256sum <"$lock")
if [[ ! -f $venv/.made-from || $(<"$venv/.made-from") != "$wanted" ]]; then
    "${PYTHON:-python3}" -m venv --clear "$venv"
    "$venv/bin/python" -m pip install -q --disable-pip-version-check --require-hashes -r "$lock"
    printf '%s\n' "$wanted" >"$venv/.made-from"
fi
.venv/bin/pytest tests/firmware
