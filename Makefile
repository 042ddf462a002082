# Thin: one line each. `make demo` needs nothing but Python 3.11 and make.
PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin

.PHONY: openapi nightly demo test coverage unit check bench serve system format clean

demo: $(VENV)/ready           ## the demo organisation: ingest, ask, themes, report, and the address of its page
	$(BIN)/sensemake demo demo-home

serve: $(VENV)/ready          ## its search page, on loopback
	test -d demo-home/home || $(BIN)/sensemake demo demo-home
	$(BIN)/sensemake --home demo-home/home serve

test: $(VENV)/ready-dev       ## everything that tests can say
	$(BIN)/pytest -n 2 --dist loadfile

coverage: $(VENV)/ready-dev   ## the same, and which lines no test reaches (slower)
	$(BIN)/coverage run -m pytest
	$(BIN)/coverage report --skip-covered --show-missing | tail -n 60

unit: $(VENV)/ready-dev       ## the quick part: rules and golden files, no language model
	$(BIN)/pytest -m "not model" tests/rules tests/golden

nightly: $(VENV)/ready-dev    ## the long forms of tests that have a short one
	TWO_WORLD_QUESTIONS=2000 $(BIN)/pytest -q --timeout 3600 tests/security/test_two_worlds.py
	TWO_WORLD_REQUESTS=20000 $(BIN)/pytest -q --timeout 7200 tests/security/test_two_worlds_http.py
	$(BIN)/python eval/guard_mutants.py --continue --results $(VENV)/guard-mutants.jsonl
	$(BIN)/python eval/timing_apart.py
	$(BIN)/python eval/hostile_queries.py
	$(BIN)/python eval/probing.py
	$(BIN)/python eval/slow_clients.py
	$(BIN)/python eval/large_bodies.py
	SCHEMATHESIS_EXAMPLES=200 $(BIN)/pytest -q --timeout 7200 tests/security/test_schemathesis.py

openapi: $(VENV)/ready-dev    ## docs/openapi.json and its examples, anew
	$(BIN)/python tests/docs/openapi_snapshot.py

check: $(VENV)/ready-dev      ## format, lint, types, layers, dependencies, docs
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/deptry src
	$(BIN)/pytest tests/docs

format: $(VENV)/ready-dev
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: $(VENV)/ready-dev      ## how good and how fast; needs ../shared/data, writes eval/BENCHMARKS.md by hand
	$(BIN)/python eval/bench_embed.py ../shared/data/org-kubernetes/raw
	$(BIN)/python eval/bench_ingest.py
	$(BIN)/python eval/bench_cli.py --home demo-home/home

system:                       ## Debian packages that tests need
	apt-get update -q && apt-get install -qy --no-install-recommends git make chromium

# torch first and by its pin: whatever else asks for it then finds the CPU build in place.
$(VENV)/ready: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install -q -c constraints.txt torch
	$(BIN)/pip install -q -c constraints.txt -e .
	touch $@

$(VENV)/ready-dev: $(VENV)/ready
	$(BIN)/pip install -q -c constraints.txt -e '.[dev]'
	touch $@

clean:
	rm -rf $(VENV) demo-home build dist .mypy_cache .ruff_cache .pytest_cache
