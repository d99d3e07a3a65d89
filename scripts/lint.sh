#!/usr/bin/env bash
# Style, format, types and import contracts; stops at the first that finds something.
set -euo pipefail
cd "$(dirname "$0")/.."
.venv/bin/ruff check .
.venv/bin/ruff format --check .
.venv/bin/mypy
.venv/bin/lint-imports
