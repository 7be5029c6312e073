# Two commands do all set-up: `make demo` (for whoever wants to see it) and `make test` (for whoever
# changes it). They need make and Python 3.11 or later with its venv module, and make .venv here.

PYTHON ?= python3
PYTEST_ARGS ?=
BENCH_ARGS ?=

BIN := .venv/bin
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check
LOWEST := build/venv-lowest

.PHONY: demo test lint bench examples templates lock test-lowest clean
.DELETE_ON_ERROR:

demo: .venv/.project
	$(BIN)/xl-qbs demo

test: .venv/.dev
	sh scripts/libreoffice.sh
	$(MAKE) --no-print-directory lint
	$(BIN)/python -m pytest -n auto --dist worksteal $(PYTEST_ARGS)

lint: .venv/.dev
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy

bench: .venv/.bench
	$(BIN)/python benchmarks/bench.py $(BENCH_ARGS)

examples: .venv/.dev
	$(BIN)/python workbooks/build.py

templates: .venv/.dev
	$(BIN)/python templates/build.py

# The stamps below say what has been installed: a lock or pyproject.toml that is newer installs again.

.venv/.runtime: requirements.lock
	@$(PYTHON) scripts/check_python.py
	$(PYTHON) -m venv --clear .venv
	$(PIP) install --require-hashes -r requirements.lock
	@touch $@

.venv/.project: .venv/.runtime pyproject.toml
	$(PIP) install --no-deps --no-build-isolation -e .
	@touch $@

.venv/.dev: .venv/.project requirements-dev.lock
	$(PIP) install --require-hashes -r requirements-dev.lock
	@touch $@

.venv/.bench: .venv/.dev requirements-bench.lock
	$(PIP) install --require-hashes -r requirements-bench.lock
	@touch $@

# All locks hold for Python 3.11 and later on every system: the markers in them choose. The second
# holds the first at the same versions, and the third the second. UPGRADE=--upgrade takes what is newest.
COMPILE = UV_CUSTOM_COMPILE_COMMAND="make lock" $(BIN)/uv pip compile --quiet --no-config --universal \
	--python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links $(UPGRADE)

lock: .venv/.runtime
	$(PIP) install uv
	$(COMPILE) pyproject.toml --group build --output-file requirements.lock
	$(COMPILE) pyproject.toml --extra excel --group build --group dev --constraint requirements.lock \
		--output-file requirements-dev.lock
	$(COMPILE) pyproject.toml --extra excel --group build --group dev --group bench \
		--constraint requirements-dev.lock --output-file requirements-bench.lock

# The lowest versions that pyproject.toml allows, in an environment of their own.
test-lowest:
	@$(PYTHON) scripts/check_python.py
	$(PYTHON) -m venv --clear $(LOWEST)
	$(LOWEST)/bin/python -m pip --quiet --disable-pip-version-check install uv
	$(LOWEST)/bin/uv pip install --quiet --python $(LOWEST) --resolution lowest-direct -e '.[aggregate]'
	$(LOWEST)/bin/uv pip install --quiet --python $(LOWEST) --group dev
	$(LOWEST)/bin/uv pip list --python $(LOWEST)
	$(LOWEST)/bin/python -m pytest -n auto --dist worksteal $(PYTEST_ARGS)

clean:
	rm -rf .venv build dist demo .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
