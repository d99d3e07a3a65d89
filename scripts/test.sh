#!/usr/bin/env bash
# All tests. What fails among the others, which keep every core busy, is tried once more by itself: some tests are bound
# to real brokers, disks and clocks. A test that passed only then stays on the record above as failed.
set -uo pipefail
cd "$(dirname "$0")/.."

.venv/bin/pytest -n 3 --dist loadfile "$@"
outcome=$?
((outcome == 1)) || exit "$outcome"
printf '\ntest: what failed, once more, one at a time\n'
exec .venv/bin/pytest --last-failed --last-failed-no-failures none "$@"
