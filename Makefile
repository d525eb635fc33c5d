# Everything a contributor types. `make help` lists it.
.DEFAULT_GOAL := help
.PHONY: help setup demo run test test-all check openapi bench bench-day bench-quality

# The first interpreter that runs and is 3.11 or later; PYTHON=... chooses another.
PYTHON ?= $(shell for p in python3.11 python3.12 python3.13 python3 python; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 && { echo $$p; break; }; done)
BIN := .venv/bin
READY := .venv/.ready
# Articles to measure with: an NDJSON file, or a folder with articles.jsonl.
DATA ?= ../shared/data/cascade
# A folder of labelled sets to measure quality on.
LABELLED ?= ../shared/data

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(READY) ## Create .venv with the pinned dependencies and the wiretrace command

$(READY): pyproject.toml constraints.txt
	@test -n "$(PYTHON)" || { echo "Python 3.11 or later is needed; name one with PYTHON=..."; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@echo "Installing the dependencies into .venv (some minutes the first time) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev]'
	@touch $@

demo: setup ## Send a made-up corpus to a real service and show the story, its reports and a chain
	@$(BIN)/wiretrace demo

run: setup ## Serve on 127.0.0.1:8000, data in ./wiretrace-data
	@WIRETRACE_DATA=$${WIRETRACE_DATA:-wiretrace-data} $(BIN)/wiretrace serve

test: setup ## Run the tests, without the slow ones
	@$(BIN)/python -m pytest -m "not slow"

test-all: setup ## Run all tests
	@$(BIN)/python -m pytest

check: setup ## Lint, format, types, import directions
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

openapi: setup ## Write openapi/openapi.json and docs/settings.md from the code
	@$(BIN)/python -m service.openapi
	@$(BIN)/python -m service.settings_page

bench: setup ## Measure throughput and survive 20 kills; DATA=file or folder of articles
	@$(BIN)/python bench/throughput.py "$(DATA)"
	@$(BIN)/python bench/kill.py "$(DATA)"

bench-day: setup ## A day in the life: crawl, corrections, crashes; consumer, webhook and service must agree; ARTICLES=5000
	@$(BIN)/python -m bench.day --articles $(or $(ARTICLES),5000)

bench-quality: setup ## Measure quality beside other methods; fails when a figure fell; LABELLED=folder of sets
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[bench]'
	@$(BIN)/python -m bench.quality "$(LABELLED)"
