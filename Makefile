# Every target makes its own .venv from the hashed lock; Python >= 3.11 and make are enough.
# PYTHON=/path/to/python3 chooses the interpreter, ARGS="..." is handed on to demo and test.

SHELL := /bin/sh
BIN := .venv/bin
SUM := $(shell { cat requirements/dev.txt requirements/install.sh pyproject.toml; pwd; } | cksum | tr -d ' ')
VERSION := $(shell $(or $(PYTHON),$(BIN)/python) --version 2>/dev/null | tr -d ' ')
# Carries the checksum of the lock and of the place, and the Python: a change in any installs anew.
READY := .venv/.ready-$(SUM)-$(VERSION)
LOCK := uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --no-header --extra rehearsal pyproject.toml

.DEFAULT_GOAL := help
.PHONY: help install demo test check format format-check lint types contracts matrix samples bench-db bench-keys \
	docs wheel wheel-test lock clean

help:  ## list the targets
	@sed -n 's/^\([a-z-]*\):.*  ## /\1\t/p' Makefile | while IFS='	' read -r name what; do \
		printf '  make %-14s %s\n' "$$name" "$$what"; done

$(READY):
	@requirements/install.sh .venv
	@rm -f .venv/.ready-*
	@touch ".venv/.ready-$(SUM)-$$($(BIN)/python --version | tr -d ' ')"

install: $(READY)  ## make .venv from the lock

demo: $(READY)  ## rehearse: a small production, its traffic, and the board on it
	@$(BIN)/firstwatch rehearse $(ARGS)

test: $(READY)  ## run the tests on three workers, for many wait
	@$(BIN)/python -m pytest -n 3 --dist loadfile $(ARGS)

check: format-check lint types contracts test  ## all gates: what must hold before a commit

format: $(READY)  ## rewrite the code in the house format
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix --quiet --exit-zero .

format-check: $(READY)
	@$(BIN)/ruff format --check .

lint: $(READY)  ## ruff
	@$(BIN)/ruff check .

types: $(READY)  ## mypy, strict, tests too
	@$(BIN)/mypy

contracts: $(READY)  ## import-linter: which package may import which
	@$(BIN)/lint-imports

matrix: $(READY)  ## hold a real watch to what it should make of every incident (45 min)
	@PYTHONPATH=. $(BIN)/python bench/matrix.py $(ARGS)

samples: $(READY)  ## play a day with three shifts on the board, by keys, and keep its handoffs (25 min)
	@PYTHONPATH=. $(BIN)/python bench/day.py $(ARGS)

bench-db: $(READY)  ## what the watch costs a database with 2 M messages (15 min)
	@$(BIN)/python bench/database.py $(ARGS)

bench-keys: $(READY)  ## how soon the board shows what a key does, on its worst day (7 min)
	@PYTHONPATH=. $(BIN)/python bench/keys.py $(ARGS)

docs: $(READY)  ## draw the pictures and write the reference anew
	@$(BIN)/python docs/reference.py
	@$(BIN)/python docs/checks.py
	@$(BIN)/python docs/manpage.py
	@$(BIN)/python docs/picture.py

wheel: $(READY)  ## build dist/firstwatch-*.whl
	@rm -rf dist
	@$(BIN)/python -m hatchling build --target wheel

wheel-test: wheel  ## install the wheel elsewhere and test it there
	@.ci/wheel-test dist/firstwatch-*.whl

lock:  ## resolve requirements/*.txt anew (needs uv)
	$(LOCK) --extra pooler --group dev --output-file requirements/dev.txt $(ARGS)
	$(LOCK) --constraint requirements/dev.txt --output-file requirements/run.txt

clean:  ## remove everything that was made
	rm -rf .venv dist .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
