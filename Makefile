# Daybook needs Python 3.11 and make; everything else comes from wheels.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
WORKERS ?= 4
# Seconds for all long runs together.
LONG_SECONDS ?= 1800

.PHONY: run test test-long check bench lock clean

run: $(VENV)/run.stamp
	@$(BIN)/python -m config.run

test: $(VENV)/test.stamp
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadgroup -q $(ARGS)

test-long: $(VENV)/test.stamp
	LONG_SECONDS=$(LONG_SECONDS) $(BIN)/python -m pytest -q tests/long $(ARGS)

check: $(VENV)/test.stamp
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	SECRET_KEY=check $(BIN)/mypy .
	SECRET_KEY=check $(BIN)/python manage.py makemigrations --check --dry-run

bench: $(VENV)/test.stamp .venv-bench/stamp
	$(BIN)/python -m bench.run

lock:
	$(PYTHON) -m venv .venv-lock && .venv-lock/bin/pip install -q pip-tools
	for set in "" test bench; do \
	  .venv-lock/bin/pip-compile -q --allow-unsafe --generate-hashes --strip-extras --no-header --no-emit-index-url \
	    --no-emit-find-links --no-emit-trusted-host $${set:+--extra $$set} \
	    -o requirements$${set:+-$$set}.txt pyproject.toml; done
	rm -rf .venv-lock

clean:
	rm -rf .venv .venv-bench .mypy_cache .ruff_cache .pytest_cache .hypothesis static_root

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/run.stamp: requirements.txt | $(VENV)/bin/python
	$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements.txt
	@touch $@

$(VENV)/test.stamp: requirements-test.txt | $(VENV)/bin/python
	$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements-test.txt
	@touch $@ $(VENV)/run.stamp

.venv-bench/stamp: requirements-bench.txt
	$(PYTHON) -m venv .venv-bench
	.venv-bench/bin/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements-bench.txt
	@touch $@
