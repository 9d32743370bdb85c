# `make demo` and `make test` need Python 3.11 or later and nothing else: both make their own
# virtual environment in .venv.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
LOCK := requirements-dev.txt
LOWEST := requirements-lowest.txt

.PHONY: demo test test-lowest check lint types bench zoo image-proof docs lock clean

demo: $(VENV)/.installed
	$(BIN)/mockatell demo

test: $(VENV)/.developing
	$(BIN)/coverage erase
	$(BIN)/coverage run -m pytest $(PYTEST_ARGS)
	$(BIN)/coverage combine --quiet
	$(BIN)/coverage report

# The oldest versions that pyproject.toml allows, which a customer's own pins may bring. What mocks
# httpx wants a newer one.
test-lowest:
	$(PYTHON) -m venv --clear .venv-lowest
	.venv-lowest/bin/pip install --quiet --editable '.[all]' --constraint $(LOWEST) \
		django fastapi flask hypothesis jsonschema pytest trustme
	.venv-lowest/bin/pytest $(PYTEST_ARGS) tests/core tests/senders --ignore tests/senders/test_mocking.py

check: lint types test

lint: $(VENV)/.developing
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

types: $(VENV)/.developing
	$(BIN)/mypy

bench: $(VENV)/.developing
	$(BIN)/python -m benchmarks

# Which technique finds which flaw: docs/zoo.md. Takes a few minutes.
zoo: $(VENV)/.developing
	$(BIN)/python -m benchmarks.zoo

# The image without a container engine (docs/image.md): Linux, as root; what it lacks is named.
image-proof: $(VENV)/.developing
	$(BIN)/python -m benchmarks.image

# The fidelity page's table is the ledger's; what stands above the table stays.
docs: $(VENV)/.installed
	sed '/^| id |/,$$d' docs/fidelity.md > docs/fidelity.md.new
	$(BIN)/mockatell fidelity --format markdown >> docs/fidelity.md.new
	mv docs/fidelity.md.new docs/fidelity.md
	$(BIN)/python docs/draw.py

# Runs again whenever what is to be installed has changed.
$(VENV)/.installed: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --editable .
	touch $@

$(VENV)/.developing: pyproject.toml $(LOCK)
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --requirement $(LOCK)
	$(BIN)/pip install --quiet --no-deps --editable .
	touch $(VENV)/.installed $@

lock: $(VENV)/.developing
	$(BIN)/pip install --quiet uv
	echo '# What development and CI install; made by `make lock` from pyproject.toml.' > $(LOCK)
	$(BIN)/uv pip compile pyproject.toml --quiet --all-extras --group dev --universal \
		--python-version 3.11 --no-emit-index-url --no-header --no-annotate >> $(LOCK)
	echo '# What `make test-lowest` installs; made by `make lock` from pyproject.toml.' > $(LOWEST)
	$(BIN)/uv pip compile pyproject.toml --quiet --all-extras --resolution lowest-direct --universal \
		--python-version 3.11 --no-emit-index-url --no-header --no-annotate >> $(LOWEST)

clean:
	rm -rf $(VENV) .venv-lowest build dist htmlcov .coverage* .mypy_cache .pytest_cache .ruff_cache
