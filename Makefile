# Everything a person does here is one of these targets. Needs Python >= 3.11 and make, nothing else.

SHELL := /bin/sh
.DEFAULT_GOAL := help
.PHONY: help install up test large feed-proof escalation-proof simulate soak codegen-check files-check check format schema doctor lock clean

UV_VERSION := 0.13.9
PYTHON := $(shell command -v python3.11 || command -v python3)
PY := .venv/bin/python
# As modules, not as scripts: the first line of a script cannot hold every path.
RUFF := $(PY) -m ruff
ARGS :=

help: ## Show these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-16s %s\n", $$1, $$2 }' Makefile

install: ## Make .venv from the lock file (says so and does nothing when it is current)
	@PYTHON="$(PYTHON)" UV_VERSION="$(UV_VERSION)" sh .ci/install

up: install ## Start everything: servers, demo company, API and worker (ARGS="--port 9000" adds options)
	@exec $(PY) -m fieldbeat up $(ARGS)

test: install ## Run the tests (ARGS="-k feed" adds options)
	@exec $(PY) -m pytest -q $(ARGS)

large: install ## Run the tests that are too long for every run
	@exec $(PY) -m pytest -q -m large $(ARGS)

feed-proof: install ## Prove the feed over 10,000 commits: nothing skipped, no hole, every order of steps
	@exec $(PY) -m pytest -q -m large tests/server/records $(ARGS)

escalation-proof: install ## Prove that due steps take effect once though workers, queue and database are killed
	@exec $(PY) -m pytest -q -s -m large tests/server/escalation $(ARGS)

check: install ## Everything that must hold: format, lint, types, import floors, tests
	$(RUFF) format --check .
	$(RUFF) check .
	$(PY) -m mypy
	$(PY) -c 'from importlinter.cli import lint_imports_command as lint; lint()'
	$(PY) -m pytest -q

simulate: install ## Play 150 simulated worlds of phones and faults (ARGS="--seed 7" plays one)
	@PYTHONPATH=tests exec $(PY) -m fieldbeat_testing.simulation.play $(ARGS)

soak: install ## Play worlds for SECONDS (default an hour) on a durable server that is killed as well
	@PYTHONPATH=tests exec $(PY) -m fieldbeat_testing.simulation.play --hard --seconds $(or $(SECONDS),3600) $(ARGS)

codegen-check: ## Generate TypeScript from the apps' documents and compile it strictly (needs Node 20 and npm)
	@cd docs/codegen && npm ci --silent && npm run --silent check

files-check: install ## Upload with tus-js-client over a connection that is cut (needs Node 20 and npm)
	@cd docs/files-check && npm ci --silent && npm run --silent check

format: install ## Format the code and mend what the linter can mend
	$(RUFF) check --fix-only .
	$(RUFF) format .

schema: install ## Write migrations/schema.sql anew from the migrations
	@PYTHONPATH=tests $(PY) -m fieldbeat_testing.schema

doctor: install ## Examine this installation and say what to do next
	@exec $(PY) -m fieldbeat doctor $(ARGS)

lock: install ## Resolve the dependencies anew into uv.lock
	$(PY) -m uv lock --upgrade
	@$(MAKE) --no-print-directory install

clean: ## Remove the environment and the caches (the data in .fieldbeat stay)
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	find . -path ./.git -prune -o -name __pycache__ -type d -prune -exec rm -rf {} +
