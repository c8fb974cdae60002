# Two commands do everything on a fresh machine with Python 3.11+, pip and make:
#   make demo    the paper's tables beside certified ones, and one bound validated by simulation
#   make test    the test suite
PYTHON ?= python3
DEMO := .venv/demo
DEV := .venv/dev

.PHONY: demo test check proofs lock clean

demo: $(DEMO)/.ready
	$(DEMO)/bin/python examples/demo.py

test: $(DEV)/.ready
	$(DEV)/bin/python -m pytest --cov --cov-report=term -n auto --dist worksteal

check: $(DEV)/.ready
	$(DEV)/bin/ruff check .
	$(DEV)/bin/ruff format --check .
	$(DEV)/bin/mypy
	$(DEV)/bin/lint-imports
	$(DEV)/bin/codespell

# Compiles the Coq proofs and audits what is claimed of them; needs coq and libcoq-interval.
proofs: $(DEV)/.ready
	$(DEV)/bin/python -m proofs.build

$(DEMO)/.ready: requirements.lock pyproject.toml
	$(PYTHON) -m venv $(DEMO)
	$(DEMO)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(DEMO)/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	touch $@

$(DEV)/.ready: requirements-dev.lock pyproject.toml
	$(PYTHON) -m venv $(DEV)
	$(DEV)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	$(DEV)/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	touch $@

# Lock files hold names, versions and hashes only; needs uv.
LOCK = uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate
lock:
	$(LOCK) --group build pyproject.toml -o requirements.lock
	$(LOCK) --extra dev --group build pyproject.toml -o requirements-dev.lock

clean:
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache
