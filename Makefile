# Two commands: `make demo` and `make test`. Both set up all they need in .venv.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: demo test bench lint setup lock clean

demo: setup
	$(BIN)/bascule demo

test: lint
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n auto

bench: setup
	$(BIN)/python benchmarks/run.py

lint: setup
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

setup: .venv/ready

.venv/ready: requirements.lock boot.lock pyproject.toml scripts/setup.sh
	PYTHON=$(PYTHON) sh scripts/setup.sh

# Writes the locks anew from pyproject.toml; no address of an index gets into them.
lock: setup
	echo uv | .boot/bin/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header - -o boot.lock
	.boot/bin/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --all-extras pyproject.toml -o requirements.lock

clean:
	rm -rf .venv .boot demo build dist
