# Everything runs in the project's own virtual environment; nothing but Python and make is needed beforehand.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.PHONY: env lint types test test-slow test-slurm demo docs figures bench clean

env: $(STAMP)

$(STAMP): pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet --editable '.[dev]'
	touch $@

lint: $(STAMP)
	$(BIN)/ruff check src tests benchmarks examples docs
	$(BIN)/ruff format --check src tests benchmarks examples docs

types: $(STAMP)
	$(BIN)/mypy

test: $(STAMP)
	$(BIN)/python -m pytest -m "not slow and not slurm" -n 2

test-slow: $(STAMP)
	$(BIN)/python -m pytest -m slow

test-slurm: $(STAMP)
	tests/slurm/run.sh $(BIN)/python || test $$? -eq 77

demo: $(STAMP)
	MPLBACKEND=Agg $(BIN)/python -m syncopy demo --out demo_output

docs: $(STAMP)
	$(BIN)/python -m sphinx -W --keep-going -q -b html docs site

figures: $(STAMP)
	for name in time_frequency lfp_spectra eeg_coherence erp spikes plots; do \
		MPLBACKEND=Agg $(BIN)/python examples/$$name.py --out docs/figures || exit 1; \
	done

bench: $(STAMP)
	$(BIN)/python benchmarks/speed.py
	$(BIN)/python benchmarks/memory.py
	$(BIN)/python benchmarks/scale.py
	$(BIN)/python benchmarks/parallel.py

clean:
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache build dist demo_output
