# What a developer runs. Each target is one line; the work is in scripts/.
.DEFAULT_GOAL := help
.PHONY: help setup demo check test test-long bench install uninstall deb firmware-check lock clean
PYTHON ?= python3
SECONDS ?=
WITH ?=
BIN := .venv/bin

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## install what is missing: system packages, .venv with the locked dependencies
	@PYTHON=$(PYTHON) scripts/setup.sh

demo: ## a shop and its head office on this machine; SECONDS=30 ends it by itself
	@PYTHON=$(PYTHON) scripts/setup.sh demo
	@$(BIN)/python -m simulators demo $(if $(SECONDS),--seconds $(SECONDS))

check: setup ## linters, types, import contracts and the fast tests
	@scripts/lint.sh
	@$(BIN)/pytest -n 3 --dist loadfile -m "not slow"

test: setup ## everything check does, and the slow tests
	@scripts/lint.sh
	@scripts/test.sh

test-long: setup ## the full counts, file by file, resumable; a dated report in build/
	@scripts/test-long.sh

bench: setup ## every benchmark, one after another
	@scripts/bench.sh

install: ## as root: this checkout as a service (Debian, Raspberry Pi OS); again to update; WITH=nfc for an NFC reader
	@scripts/install.sh $(WITH)

uninstall: ## as root: take it away again; settings and state stay
	@scripts/uninstall.sh

deb: ## this commit as a Debian package for this machine's release: dist/proximity-gateway_VERSION_ARCH.deb
	@scripts/deb.sh

firmware-check: setup ## let ESPHome judge the generated firmware, in a venv of its own (250 MB)
	@PYTHON=$(PYTHON) scripts/firmware-check.sh

lock: ## resolve requirements/*.lock again from pyproject.toml
	@PYTHON=$(PYTHON) scripts/lock.sh

clean: ## remove what the other targets made
	rm -rf .venv .venv-esphome build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
