# Everything needs only Python 3.11 or later and make; the first run of a target sets up .venv by itself.

PYTHON ?= python3
YEAR ?= 2024
PORT ?= 8000

VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/pip install --quiet --disable-pip-version-check --no-input
DEMONSTRATION := data/restricted/demonstration

# Modules are compiled when they are first imported, which saves a third of the set-up; so the compiled ones must be kept.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help release test check mutants bench preview outputs calibrate lock clean

help: ## Say what can be done
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-9s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
	@echo
	@echo "YEAR=$(YEAR) PORT=$(PORT) PYTHON=$(PYTHON) may be given, as in: make release YEAR=$(YEAR)"

release: $(VENV)/.package ## Build the release of YEAR, from the returns in data/restricted/returns or a made-up census
	$(BIN)/rereferrals release --year $(YEAR)

test: check $(DEMONSTRATION)/store.json ## Check the code, run every test, and run the book against its committed outputs
	$(BIN)/pytest --numprocesses 2 --dist loadfile --quiet
	$(BIN)/pytest --nbval --nbval-current-env --quiet book

check: $(VENV)/.test ## Lint, format and types, without changing a file
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

mutants: $(VENV)/.test ## Plant errors in a copy, see which tests notice each, and write docs/testing.md
	PYTHONPATH=tests $(BIN)/python -m mutation.plant --write

bench: $(VENV)/.test ## Time each stage: seconds, MB/s, peak memory
	$(BIN)/python -m benchmarks

preview: $(DEMONSTRATION)/store.json ## Build a draft from the demonstration census and serve it on this machine
	$(BIN)/rereferrals build --year $(YEAR) --census $(DEMONSTRATION) --out _build/preview --draft
	@echo "http://localhost:$(PORT)/  (Ctrl-C stops it)"
	@$(BIN)/python -m http.server $(PORT) --bind 127.0.0.1 --directory _build/preview/html

outputs: $(DEMONSTRATION)/store.json ## Run the book's notebooks on the demonstration census and keep their outputs, to commit
	$(BIN)/python -c 'from pathlib import Path; from rereferrals.dissemination import notebooks, site; \
	    notebooks.execute(site.notebooks(), {}, Path("book"))'

calibrate: $(VENV)/.test ## Fit the synthetic census to data/reference/synthetic_targets.csv, and store the parameters, to commit
	$(BIN)/python -m rereferrals.census.synthetic.calibrate

lock: ## Resolve the dependencies of pyproject.toml into the two locks (needs the network)
	$(PYTHON) -m venv --clear _build/lock
	_build/lock/bin/pip install --quiet uv
	_build/lock/bin/uv pip compile --quiet pyproject.toml --extra build \
	    --generate-hashes --python-version 3.11 --universal -o requirements.txt
	_build/lock/bin/uv pip compile --quiet pyproject.toml --extra build --extra test \
	    --generate-hashes --python-version 3.11 --universal -c requirements.txt -o requirements-test.txt

clean: ## Remove what can be made again: builds, made-up censuses, caches, .venv; never returns
	rm -rf _build $(VENV) .pytest_cache .hypothesis .mypy_cache .ruff_cache
	cd data && rm -rf $(foreach made,demonstration synthetic,restricted/$(made) restricted/.$(made).versions)

# The demonstration census is small, made up, and the same on every machine; the book is committed with its outputs.
$(DEMONSTRATION)/store.json: $(shell find src/rereferrals/census data/reference data/published_figures.csv -name '*.py' -o -name '*.csv') | $(VENV)/.test
	$(BIN)/rereferrals synthesise --out $(DEMONSTRATION) --years 2012:$(YEAR) --scale 0.02 --seed 1

# A changed lock begins with an empty environment: pip checks no hash of a package that is already there.
$(VENV)/.locked: requirements.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	    echo "$(PYTHON) is not Python 3.11 or later: name one that is, as in: make PYTHON=python3.12 $(MAKECMDGOALS)" >&2; \
	    exit 1; }
	@echo "Installing the locked packages into $(VENV): half a minute, or longer if they have to be fetched"
	$(PYTHON) -m venv --clear $(VENV)
	$(PIP) --no-compile --no-deps --only-binary :all: --require-hashes -r requirements.txt
	@touch $@

$(VENV)/.package: pyproject.toml $(VENV)/.locked
	$(PIP) --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.test: requirements-test.txt $(VENV)/.package
	$(PIP) --no-compile --no-deps --require-hashes -r requirements-test.txt
	@touch $@
