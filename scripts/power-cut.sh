#!/usr/bin/env bash
# Cuts the power of a virtual machine that runs the gateway, 20 times at random moments under load: its disk forgets what was
# not flushed, or parts of it, and the broker outside remembers what it was told.
#   scripts/power-cut.sh [--cuts N] [--seed TEXT] [--unsynced]
# Exit 0: all that was told, or reported committed, is still so and was told once alike. --unsynced makes SQLite not wait for
# the disk (synchronous=OFF), which has to be found out: exit 1. A cut takes a minute. The machine is made in build/vm once
# (two minutes, 3 GB). Needs what scripts/vm.sh needs, and mosquitto.
set -euo pipefail
cd "$(dirname "$0")/.."
scripts/vm.sh make "${PROXIMITY_VM:-$PWD/build/vm}"
exec .venv/bin/python -m tests.vm.power_cut "$@"
