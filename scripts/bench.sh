#!/usr/bin/env bash
# Runs every benchmark and goes on after one that fails; fails at the end if any did.
set -uo pipefail
cd "$(dirname "$0")/.."
failed=0
for file in benchmarks/*.py; do
    [[ $file != */_* ]] || continue
    name=benchmarks.$(basename "$file" .py)
    printf "== %s\n" "$name"
    .venv/bin/python -m "$name" || failed=1
done
exit "$failed"
