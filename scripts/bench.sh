#!/usr/bin/env bash
# Runs every benchmark and goes on after one that fails; fails at the end if any did.
set -uo pipefail
cd "$(dirname "$0")/.."
failed=0
for file in benchmarks/*.py; do
    [[ $file != */_* ]] || continue
    printf '== %s\n' "$file"
    .venv/bin/python "$file" || failed=1
done
exit "$failed"
