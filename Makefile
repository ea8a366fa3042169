# `make reproduce` runs the paper, `make test` all tests. Both begin with a virtual environment of their own in .venv.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:

PYTHON ?= python3
# The versions that the committed outputs were made with; `make test CONSTRAINTS=` takes the newest.
CONSTRAINTS ?= constraints.txt
BIN := .venv/bin
STAMP := .venv/installed
PEERS := .venv/peers
SITE_TOOLS := .venv/site-tools
# Options of `make bench`: names of rows, --quick, --write, --strict.
BENCH ?=
SETTINGS := .venv/share/jupyter/lab/settings/overrides.json
NOTEBOOKS := $(wildcard notebooks/*.ipynb)
OUTSIDER := .venv/outsider
# Fixed threads: tests and notebooks run two at a time, and a sum's last digits may hang on the number of threads.
export OMP_NUM_THREADS ?= 1
# Threads that wait for each other sleep: where they watch, a busy neighbour stops them for minutes. The benchmarks run as users' own programs do.
ifeq ($(filter bench,$(MAKECMDGOALS)),)
export OMP_WAIT_POLICY ?= passive
export GOMP_SPINCOUNT ?= 0
export KMP_BLOCKTIME ?= 0
export OPENBLAS_NUM_THREADS ?= 1
endif

.PHONY: help reproduce test check lint unit committed second-seed browser lab claims docs archive bench clean

help:
	@echo "make reproduce    run every notebook, write results/, print the ledger"
	@echo "make test         everything that CI runs"
	@echo "make check        the fast loop: lint, types, unit tests"
	@echo "make lab          JupyterLab on this machine"
	@echo "make bench        the benchmarks against peers, five minutes on two quiet cores"
	@echo "make docs         the site, in build/site"
	@echo "make archive      write codecheck.yml, .zenodo.json, codemeta.json, binder/, requirements.txt"
	@echo "make claims       write the ledger of the committed notebooks into notebooks/ and README.md"

$(STAMP): pyproject.toml $(CONSTRAINTS)
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and f"Python 3.11 or newer is needed, this is {sys.version.split()[0]}: make PYTHON=...")'
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet $(if $(CONSTRAINTS),-c $(CONSTRAINTS)) -e '.[dev]'
	mkdir -p $(dir $(SETTINGS))
	cp notebooks/lab-settings.json $(SETTINGS)
	touch $@

# All that the notebooks fetch is fetched first; offline, they say what they take instead.
reproduce: $(STAMP)
	$(BIN)/geodesic-kit datasets --fetch mnist || echo "MNIST could not be fetched: notebooks that want it say what they show instead"
	$(BIN)/geodesic-kit datasets --fetch fashion_mnist || echo "Fashion-MNIST could not be fetched: notebooks that want it say what they show instead"
	$(BIN)/geodesic-kit reproduce

test: lint unit committed second-seed browser

check: lint $(STAMP)
	$(BIN)/pytest -n 2 --dist worksteal -m "not browser and not notebook"

lint: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports --no-cache
	$(BIN)/mypy

# A package of somebody else's, installed as pip installs it: its tests use the contracts that the kit ships.
$(OUTSIDER): $(STAMP) $(wildcard tests/outsider/*.*)
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation ./tests/outsider
	touch $@

unit: $(STAMP) $(OUTSIDER)
	$(BIN)/pytest -n 2 --dist worksteal -m "not browser"

# Committed outputs are compared with fresh ones, warnings included, two notebooks at a time.
committed: unit
ifneq ($(NOTEBOOKS),)
	$(BIN)/geodesic-kit compare
endif

second-seed: unit
ifneq ($(NOTEBOOKS),)
	$(BIN)/geodesic-kit second-seed
endif

browser: unit docs
	$(BIN)/pytest -m browser tests/browser

lab: $(STAMP)
	$(BIN)/geodesic-kit lab

$(PEERS): $(STAMP)
	$(BIN)/python -m pip install --quiet $(if $(CONSTRAINTS),-c $(CONSTRAINTS)) -e '.[bench]'
	touch $@

# All cores for both sides.
bench: export OMP_NUM_THREADS := $(shell nproc 2>/dev/null || echo 2)
bench: $(PEERS)
	$(BIN)/python -m benchmarks $(BENCH)

archive: $(STAMP)
	$(BIN)/geodesic-kit archive

$(SITE_TOOLS): $(STAMP)
	$(BIN)/python -m pip install --quiet $(if $(CONSTRAINTS),-c $(CONSTRAINTS)) -e '.[docs]'
	touch $@

# Warnings of Sphinx are errors.
docs: $(SITE_TOOLS)
	rm -rf docs/reference build/site
	$(BIN)/python -m sphinx -b html -W --keep-going -q -c docs . build/site

claims: $(STAMP)
	$(BIN)/geodesic-kit claims --write

clean:
	rm -rf .venv results build *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
