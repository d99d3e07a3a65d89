#!/usr/bin/env bash
# All tests with their full counts, a file at a time. Files that passed at this commit are not run again, so a run that was
# cut short resumes. The report, build/test-long-DATE-COMMIT.txt, has a line a file and says what changed since the commit; what
# the tests printed is kept in build/test-long/COMMIT.
set -uo pipefail
cd "$(dirname "$0")/.."
export PROXIMITY_TEST_COUNTS=full
commit=$(git rev-parse --short=12 HEAD)
changed=$(git status --porcelain -- . | wc -l)
report=build/test-long-$(date -u +%Y-%m-%d)-$commit.txt
passed=build/test-long/$commit
((changed == 0)) || rm -rf "$passed"
mkdir -p "$passed"
printf '%s commit %s, files changed since: %s, %s, %s CPUs\n' \
    "$(date -u +%FT%TZ)" "$commit" "$changed" "$(.venv/bin/python --version)" "$(nproc)" | tee -a "$report"

failed=0
while IFS= read -r file; do
    stamp=$passed/${file//\//.}
    [[ ! -e $stamp ]] || continue
    started=$SECONDS
    if .venv/bin/pytest -q -rP "$file" >"$stamp.log" 2>&1; then
        outcome=passed
        mv "$stamp.log" "$stamp"
    else
        outcome=FAILED
        failed=1
        cat "$stamp.log"
    fi
    closing=$(tail -n 1 "$stamp" "$stamp.log" 2>/dev/null | tr -d '=' | tail -n 1)
    printf '%-8s %5d s  %s  (%s)\n' "$outcome" $((SECONDS - started)) "$file" "$closing" | tee -a "$report"
done < <(find tests -name 'test_*.py' | sort)
printf '%s passed, %s failed\n' "$(find "$passed" -type f ! -name '*.log' | wc -l)" "$(find "$passed" -name '*.log' | wc -l)" |
    tee -a "$report"
exit "$failed"
