# Single window: `make` alone lists what there is to do. Needs Python 3.11+, make and git; nothing else.
SHELL := /bin/bash
.SHELLFLAGS := -o pipefail -c
.DEFAULT_GOAL := help
BIN := .venv/bin
STARTED := $(shell date +%s.%N)

.PHONY: help run demo test check bench bench-full chaos simulate events clean fresh lock

help: ## List the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1|/' | awk -F'|' '{printf "  make %-10s %s\n", $$1, $$2}'

run: .venv/.runtime ## Start everything here, file the bundled orders, say what became of them, stay until Ctrl-C
	@SW_STARTED_AT=$(STARTED) $(BIN)/python -m cli up

demo: .venv/.runtime ## The same, but end after the report
	@SW_STARTED_AT=$(STARTED) $(BIN)/python -m cli up --demo

test: .venv/.dev ## Run the tests (on a real Kafka and a real PostgreSQL)
	@$(BIN)/python -m pytest -n 2 --dist loadgroup

check: .venv/.dev ## Everything a commit must pass: format, lint, types, import rules, tests
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy .
	$(BIN)/lint-imports
	@$(MAKE) --no-print-directory test

bench: .venv/.dev ## Measure throughput, latency and CPU here, beside the usual stack (four minutes)
	@$(BIN)/python -m tests.load.bench

bench-full: .venv/.dev ## The same at length: the peak, an agency away, overload, growth; into docs/performance.md
	@BENCH_FORM=full $(BIN)/python -m tests.load.bench
	@$(BIN)/python -m tests.load.pages

chaos: .venv/.dev ## Faults under load, then an audit: SEED=7 FAULTS=40, ONLY=kill-tax,stop-kafka, BROKERS=3
	@$(BIN)/python -m tests.chaos --seed $(or $(SEED),7) --faults $(or $(FAULTS),40) $(if $(ONLY),--only $(ONLY)) \
	  $(if $(RATE),--rate $(RATE)) $(if $(BROKERS),--brokers $(BROKERS)) $(if $(DRY),--dry)

simulate: .venv/.dev ## Search schedules of the whole flow for one that breaks something: SEED=1 RUNS=2000 MUTANT=
	@$(BIN)/python -m tests.simulation --seed $(or $(SEED),1) --runs $(or $(RUNS),2000) $(if $(MUTANT),--mutant $(MUTANT) --enough 1)

events: .venv/.dev ## Write docs/events.md from the code: who says what, who hears it
	@$(BIN)/python -m tests.architecture.event_map

# Whose data is deleted under it does not stop: it tries for ever.
CLOSED = python3 -c 'import fcntl, sys; [fcntl.flock(open(name), fcntl.LOCK_EX | fcntl.LOCK_NB) for name in sys.argv[1:]]' \
  $$(ls .local/*/lock 2>/dev/null) 2>/dev/null || { echo "A window is open here: end it first (Ctrl-C where it runs)."; exit 1; }

fresh: ## Forget the data of `make run` (downloads stay)
	@$(CLOSED)
	rm -rf .local/run

clean: ## Remove all that was made here: data, downloads, .venv, caches
	@$(CLOSED)
	rm -rf .venv .local .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

lock: .venv/.dev ## Pin requirements*.in again, with hashes
	@test -x .local/lock/bin/uv || (python3 -m venv .local/lock && .local/lock/bin/pip install -q uv)
	@.local/lock/bin/uv pip compile $(LOCK) --upgrade requirements.in -o requirements.lock
	@.local/lock/bin/uv pip compile $(LOCK) -c requirements.lock requirements-dev.in -o requirements-dev.lock

LOCK := --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-header

# A Python that is upgraded under its .venv finds nothing of what is in there, however fresh the stamps look.
STALE := $(shell test -e .venv/bin/pip && ! .venv/bin/python -c 'import pip' 2>/dev/null && echo stale)

.PHONY: stale
stale:
	@echo "The Python of .venv is gone or another one than it was made with: it is made again."
	@rm -rf .venv

# Looked for when it is wanted, and once: each look takes some seconds, and the next might find another.
PYTHON ?= $(eval PYTHON := $(shell sh deploy/python.sh))$(PYTHON)

.venv/bin/pip: $(STALE)
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "Python 3.11 or newer is needed; '$(PYTHON)' is not. Try: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { \
	  echo "This Python cannot make environments. On Debian or Ubuntu: apt-get install python3-venv"; exit 1; }
	@case "$$(pwd)" in *[\$$\"\\\`,]*) \
	  echo "Kafka, PostgreSQL or nginx cannot work in a folder whose path holds one of \$$ \" \\ \` , : $$(pwd)"; exit 1; esac
	@echo "Making .venv with $(PYTHON) (another: make PYTHON=...) ..."
	@$(PYTHON) -m venv .venv

# Counts on one line at a terminal; a log hears only the end.
COUNT = { test -t 1; awk -v in_log=$$? '/^ *Downloading .*\.whl|^ *Using cached / && !in_log{printf "\r  %d packages", ++n; fflush()} \
  END{if (n) printf "\r"}'; } && echo "  installed.    "
INSTALL = $(BIN)/python -m pip install --disable-pip-version-check --progress-bar off --require-hashes -r

.venv/.runtime: requirements.lock $(STALE) | .venv/bin/pip
	@echo "Installing what it runs on (requirements.lock, checked by hash; the first time a minute or two) ..."
	@$(INSTALL) $< | $(COUNT)
	@touch $@

.venv/.dev: requirements-dev.lock .venv/.runtime
	@echo "Installing the tools of make check (requirements-dev.lock) ..."
	@$(INSTALL) $< | $(COUNT)
	@touch $@
