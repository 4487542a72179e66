# The two commands are `make repro` and `make test`; both make the environment they need.
PYTHON ?= python3.11
BIN := .venv/bin
export PATH := $(CURDIR)/$(BIN):$(PATH)
export PIP_CONSTRAINT := $(CURDIR)/requirements.lock
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: repro test test-slow test-browser lint lock clean help

repro: .venv/ready  ## build everything that params.yaml declares, and say where it is
	dvc repro
	toolkit sync
	@toolkit where

test: .venv/ready-to-develop  ## the unit suite; COVERAGE=90 fails below 90 % and takes a third longer
	OMP_NUM_THREADS=1 pytest -n 2 --dist worksteal -m "not slow and not browser" \
		$(if $(COVERAGE),--cov --cov-report=term:skip-covered --cov-fail-under=$(COVERAGE))

test-slow: .venv/ready-to-develop  ## kills, clones and other tests that take minutes
	pytest -n 2 --dist worksteal -m slow

test-browser: .venv/ready-to-develop  ## pages in Chromium; needs Debian's chromium and chromium-driver
	pytest -m browser

lint: .venv/ready-to-develop  ## style, types, and who may import whom
	ruff check
	ruff format --check
	mypy
	lint-imports

.venv/bin/python:
	@command -v $(PYTHON) >/dev/null || { echo "Python 3.11 is needed; give its name: make PYTHON=python3 $(MAKECMDGOALS)"; exit 1; }
	$(PYTHON) -m venv .venv

.venv/ready: .venv/bin/python requirements.lock pyproject.toml
	pip install --quiet --editable .
	@touch $@

.venv/ready-to-develop: .venv/bin/python requirements.lock pyproject.toml
	pip install --quiet --editable '.[dev]'
	@touch .venv/ready $@

lock:  ## write requirements.lock anew from what pyproject.toml allows
	rm -rf .venv
	$(PYTHON) -m venv .venv
	env -u PIP_CONSTRAINT $(BIN)/pip install --quiet --editable '.[dev]' 'setuptools>=80'
	$(BIN)/pip freeze --all --exclude-editable | grep -v '^pip==' > requirements.lock

clean:  ## the environment and everything that can be built again
	rm -rf .venv build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis .coverage

help:  ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 16
