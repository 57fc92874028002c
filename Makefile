# One command to run, one to test. Every target sets up what it needs and is cheap to repeat.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
EXAMPLES ?= 20000
READY  := $(VENV)/.synced

.PHONY: demo test nightly lint bench lock clean

demo: $(READY)  ## database, sandbox with shoppers, Dagster: Ctrl-C stops everything
	@$(BIN)/sfcc-cin7 demo

test: lint  ## the whole suite
	@$(BIN)/pytest

nightly: $(READY)  ## the properties of an order with 20,000 examples each
	@SFCC_CIN7_EXAMPLES=$(EXAMPLES) $(BIN)/pytest -n 0 --durations=0 --durations-min=1 --hypothesis-show-statistics sfcc_cin7_tests/orders

lint: $(READY)  ## style, types and the arrows of the design
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

bench: $(READY)  ## every benchmark, as JSON lines
	@for file in benchmarks/[a-z]*.py; do $(BIN)/python $$file || exit 1; done

lock: $(READY)  ## resolve the dependencies anew
	@$(BIN)/uv pip compile pyproject.toml --group dev --universal --python-version 3.11 --generate-hashes --quiet --upgrade -o requirements.lock

clean:  ## forget the demo's data (stop it first)
	rm -rf .state

$(READY): pyproject.toml requirements.lock
	@test -x $(BIN)/uv || { $(PYTHON) -m venv $(VENV) && $(BIN)/python -m pip install --quiet uv; }
	@$(BIN)/uv pip sync --quiet --require-hashes --python $(BIN)/python requirements.lock
	@$(BIN)/uv pip install --quiet --no-deps --python $(BIN)/python --editable .
	@touch $(READY)
