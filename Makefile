# make demo [IMAGES=folder]   make test   make check   make bench   make bench-index   make break [SECONDS=600] [SEED=n]   make break-cluster
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# Python compiles the modules that are imported; to compile all of PyTorch and SciPy takes half a minute.
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-compile -c constraints.txt
# The 180 packages of the tests cost pip 67 s of computing, and uv 20 s. What the environment tells pip holds for uv too.
UV := UV_DEFAULT_INDEX="$(PIP_INDEX_URL)" UV_INDEX="$(PIP_EXTRA_INDEX_URL)" UV_FIND_LINKS="$(PIP_FIND_LINKS)" \
	$(BIN)/uv pip install --quiet --python $(BIN)/python -c constraints.txt

# With it set, as in many containers, each worker would compile all tests itself, which takes 8 s of computing.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: demo test check bench bench-index break break-cluster clean

demo: $(VENV)/.product
	@$(BIN)/lookalike demo $(if $(IMAGES),--images "$(IMAGES)" )--out demo-output

test: $(VENV)/.test
	@if { command -v chromium-headless-shell || command -v chromium; } >/dev/null && command -v curl >/dev/null && command -v strace >/dev/null && command -v nginx >/dev/null && command -v caddy >/dev/null; then :; \
	elif [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		echo "Installing Debian's chromium, curl, strace, nginx and caddy, which some tests run …"; \
		{ apt-get update && apt-get install -y --no-install-recommends chromium-headless-shell curl strace nginx caddy fonts-dejavu-core; } >/dev/null; \
	else echo "No chromium, curl, strace, nginx or caddy, and no right to install them: the tests that need them will be skipped."; fi
	@# Three on two cores: many tests wait for a clock or for another process.
	$(BIN)/python -m pytest -n 3 --dist loadgroup --no-loadscope-reorder

check: $(VENV)/.test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

bench: $(VENV)/.test
	$(BIN)/python -m lookalike.labs.bench index_rate
	$(BIN)/python -m lookalike.labs.bench search_start
	$(BIN)/lookalike lab evaluate resnet34 --copies ../shared/data/caltech101 --out results
	$(BIN)/python -m lookalike.labs.bench serve

bench-index: $(VENV)/.bench
	$(BIN)/python -m lookalike.labs.bench engine
	$(BIN)/python -m lookalike.labs.bench scale
	$(BIN)/python -m lookalike.labs.bench pairs
	$(BIN)/python -m lookalike.labs.bench random
	$(BIN)/python -m lookalike.labs.bench plot

break: $(VENV)/.test
	$(BIN)/python tests/break $(if $(SECONDS),--seconds $(SECONDS) )$(if $(SEED),--seed $(SEED))

break-cluster: $(VENV)/.test
	$(BIN)/python -m pytest tests/cluster/failures.py -s

clean:
	rm -rf $(VENV) demo-output results

$(BIN)/python:
	@$(PYTHON) -m venv $(VENV)

$(BIN)/uv: | $(BIN)/python
	@$(PIP) uv

$(VENV)/.product: $(BIN)/python pyproject.toml constraints.txt
	@echo "Setting up $(VENV) …"
	@$(PIP) -e .
	@touch $@

$(VENV)/.test: $(BIN)/uv pyproject.toml constraints.txt
	@echo "Setting up $(VENV) for tests …"
	@$(UV) -e '.[test,check]'
	@touch $@ $(VENV)/.product

$(VENV)/.bench: $(VENV)/.product
	@echo "Setting up $(VENV) for benchmarks of the index …"
	@$(PIP) -e '.[bench]'
	@touch $@
