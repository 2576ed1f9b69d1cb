# Two commands do it all: `make run` and `make test`. Everything lands in .venv and in the user's
# cache and data folders.
PYTHON ?= python3
VENV ?= .venv
# Which torch to install first. On Linux with an NVIDIA-free machine, point TORCH_ARGS at PyTorch's
# CPU wheels (see README) to save about 3 GB.
TORCH ?= torch==2.13.0
TORCH_ARGS ?=
# Test files run side by side by this many processes; each has folders and ports of its own.
WORKERS ?= 2
EXTRAS ?= dev,anki,documents,postgres,openai
BIN = $(VENV)/bin
export GOMP_SPINCOUNT ?= 1000

.PHONY: install run test test-fast test-slow check eval bench models clean

$(VENV)/.installed: pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed; set PYTHON=/path/to/it" if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet $(TORCH_ARGS) "$(TORCH)"
	$(BIN)/python -m pip install --quiet --editable ".[$(EXTRAS)]"
	touch $@

models: $(VENV)/.installed
	$(BIN)/python -m tutor models pull

install: models

run: install
	$(BIN)/python -m tutor serve

test: install test-fast test-slow

test-fast: $(VENV)/.installed
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile

test-slow: install
	$(BIN)/python -m pytest -m "models or llm or browser"

check: $(VENV)/.installed
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

eval: install
	$(BIN)/python -m tutor.eval

bench: install
	$(BIN)/python -m benchmarks.notes
	$(BIN)/python -m benchmarks.retrieval scale --notes 1000

clean:
	rm -rf $(VENV) build dist *.egg-info
