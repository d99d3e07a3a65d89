#!/usr/bin/env bash
# Resolves requirements/*.lock again from pyproject.toml, for every Python and platform that the project supports.
# Versions already locked are kept while they still fit; delete the files first to take the newest of everything.
# The files hold versions and hashes only: no registry, no command line. uv comes from the PATH or a venv in build/.
set -euo pipefail
cd "$(dirname "$0")/.."
uv=$(command -v uv || true)
if [[ -z $uv ]]; then
    uv=build/uv/bin/uv
    [[ -x $uv ]] || { "${PYTHON:-python3}" -m venv build/uv && build/uv/bin/python -m pip install -q uv; }
fi
compile() {
    "$uv" pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-annotate "$@"
}
compile pyproject.toml -o requirements/runtime.lock
compile pyproject.toml --group dev -c requirements/runtime.lock -o requirements/dev.lock
compile pyproject.toml --group demo -c requirements/dev.lock -o requirements/demo.lock
compile requirements/build.in -c requirements/dev.lock -o requirements/build.lock
compile requirements/nfc.in -c requirements/dev.lock -o requirements/nfc.lock
compile requirements/nfc-build.in -o requirements/nfc-build.lock
compile requirements/esphome.in -o requirements/esphome.lock
compile requirements/thingsboard.in -o requirements/thingsboard.lock
