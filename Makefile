# One command to run, one to test. Every target sets up what it needs and is cheap to repeat.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
EXAMPLES ?= 20000
SCHEDULES ?= 5000
STOCK_EXAMPLES ?= 1500
WORLDS ?= 300
CALLS ?= 200
DEEP   := $(BIN)/pytest --durations=0 --durations-min=1
READY  := $(VENV)/.synced
LOCK   := $(BIN)/uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes --quiet

# Without bytecode every process compiles Dagster anew, which takes longer than most of them live.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: demo test suite nightly lint foreign bench deploy-check image-check sbom audit lock clean

demo: $(READY)  ## database, sandbox with shoppers, Dagster: Ctrl-C stops everything
	@$(BIN)/sfcc-cin7 demo

test: $(READY)  ## lint and suite, side by side: either alone leaves a core idle at times
	@$(MAKE) --no-print-directory --jobs=2 lint suite

suite: $(READY)  ## every test
	@$(BIN)/pytest

nightly: $(READY)  ## 20,000 examples of each property of an order, 4,000 through the lane, 5,000 schedules of crashes, 3,000 whole lives of shipments, 1,500 days of stock, 200 made-up calls of each operation
	@SFCC_CIN7_EXAMPLES=$(EXAMPLES) $(DEEP) --hypothesis-show-statistics sfcc_cin7_tests/orders sfcc_cin7_tests/ledger/margins
	@SFCC_CIN7_EXAMPLES=$(EXAMPLES) $(DEEP) sfcc_cin7_tests/scenario/test_money_in_the_lane.py
	@SFCC_CIN7_SCHEDULES=$(SCHEDULES) $(DEEP) $(addprefix sfcc_cin7_tests/,scenario/test_crashes.py scenario/test_posting.py scenario/test_consolidated.py conformance/test_deviations.py conformance/test_clean.py)
	@SFCC_CIN7_EXAMPLES=$(EXAMPLES) SFCC_CIN7_WORLDS=$(WORLDS) $(DEEP) sfcc_cin7_tests/fulfilment
	@SFCC_CIN7_STOCK_EXAMPLES=$(STOCK_EXAMPLES) $(DEEP) sfcc_cin7_tests/stock/deciding
	@$(BIN)/python -m sfcc_cin7_tests.contract.counting $(CALLS)

lint: $(READY)  ## style, types and the arrows of the design
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

foreign: $(READY)  ## public clients from npm against the sandbox, and Prism before it where SFCC_CIN7_REFERENCE names the API descriptions
	@$(BIN)/python -m foreign

bench: $(READY)  ## every benchmark, as JSON lines
	@for file in benchmarks/[a-z]*.py; do $(BIN)/python $$file || exit 1; done

lock: $(READY)  ## resolve the dependencies anew
	@$(LOCK) --extra embedded --group dev --upgrade -o requirements.lock
	@$(LOCK) --extra kubernetes --constraint requirements.lock --upgrade -o deploy/requirements.lock
	@echo "hatchling>=1.27" | $(BIN)/uv pip compile - --universal --python-version 3.11 --generate-hashes --quiet --upgrade -o deploy/build.lock

deploy-check: $(READY)  ## what is in deploy/, by the tools that read it
	@$(BIN)/pytest -n 0 --durations=3 sfcc_cin7_tests/deployed/test_files.py

image-check: $(READY)  ## the image's own steps in a clean root: needs root, debootstrap and Debian's packages
	@sh deploy/image_check.sh

sbom: $(READY)  ## what an image is made of: dist/sbom.json, docs/operations/licences.md
	@$(BIN)/python deploy/supply_chain.py sbom

audit: $(READY)  ## known vulnerabilities of what an image is made of; asks PyPI
	@$(BIN)/python deploy/supply_chain.py audit

clean:  ## forget the demo's data (stop it first)
	rm -rf .state

$(READY): pyproject.toml requirements.lock
	@test -x $(BIN)/uv || { $(PYTHON) -m venv $(VENV) && $(BIN)/python -m pip install --quiet uv; }
	@$(BIN)/uv pip sync --quiet --require-hashes --python $(BIN)/python requirements.lock
	@$(BIN)/uv pip install --quiet --no-deps --python $(BIN)/python --editable .
	@touch $(READY)
