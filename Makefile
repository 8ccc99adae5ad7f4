# What works from a bare clone with Python 3.11+, venv and make; `make demo` and `make test` come first.

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
RUFF ?= $(BIN)/ruff

.PHONY: demo test test-all check rule fuzz dist clean

# On every core; whoever is done early takes over what others have not begun.
PYTEST := $(BIN)/pytest -n auto --dist worksteal

# For `make fuzz`: for each kind of input.
SECONDS ?= 600

# The showcase is full of mistakes, so hslint's own exit code for "findings" is the expected one.
demo: $(VENV)/.installed
	@$(BIN)/hslint check examples/showcase; code=$$?; test $$code -eq 1 || exit $$code; \
	echo; echo "That was examples/showcase. Try it on yours: $(BIN)/hslint check path/to/flake.nix"

# What needs nothing but Python, within a minute.
test: $(VENV)/.installed-dev
	$(PYTEST) -m "not outside and not slow"
	@echo "note: make test-all also runs what takes long, and what needs real Nix, editors, git, builds or a package registry"

test-all: $(VENV)/.installed-dev
	$(PYTEST)

# Bytecode is written here because some environments forbid it at run time, and starting would cost twice as much without.
COMPILE = $(BIN)/python -m compileall -q hslint rules

# What .ci/run runs before the tests.
check: $(VENV)/.installed-dev
	$(RUFF) check
	$(RUFF) format --check
	$(BIN)/mypy
	$(BIN)/pytest -q tests/test_architecture.py

# The skeleton of a rule: make rule NAME=relay-without-name SUBJECT=network
rule: $(VENV)/.installed-dev
	@$(BIN)/python tools/new_rule.py "$(SUBJECT)" "$(NAME)"

# Generated inputs, each time others, against real Nix; HSLINT_NIXPKGS_LIB switches on those that need nixpkgs' lib.
fuzz: $(VENV)/.installed-dev
	$(BIN)/python tools/fuzz.py --seconds $(SECONDS)

# What a release consists of, in dist/: built, and looked at as a package index would (docs/releasing.md).
dist: $(VENV)/.installed-dev
	rm -rf build dist
	$(BIN)/python -m build
	$(BIN)/twine check --strict dist/*
	$(BIN)/check-wheel-contents dist/*.whl

clean:
	rm -rf $(VENV) build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis

# Debian has venv in a package of its own, and a Python without it leaves half an environment behind, which would look whole to make.
$(BIN)/python:
	@version=$$($(PYTHON) -c 'import sys; print("%d.%d" % sys.version_info[:2]); sys.exit(sys.version_info < (3, 11))' 2>/dev/null) || { \
		echo "hslint needs Python 3.11 or later; $(PYTHON) is $${version:-not there}. Name another one: make PYTHON=python3.12 $(MAKECMDGOALS)" >&2; \
		exit 1; \
	}
	@if test -e $(VENV) && ! test -f $(VENV)/pyvenv.cfg; then \
		echo "$(VENV) is there and is no virtual environment. Move it away, or name another place: make VENV=… $(MAKECMDGOALS)" >&2; \
		exit 1; \
	fi
	@$(PYTHON) -m venv --clear $(VENV) || { \
		rm -rf $(VENV); \
		echo "$(PYTHON) could not make a virtual environment; on Debian and Ubuntu: apt install python3-venv" >&2; \
		exit 1; \
	}

$(VENV)/.installed: pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	@$(COMPILE)
	@touch $@

$(VENV)/.installed-dev: pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev,lsp]'
	@$(COMPILE)
	@touch $@ $(VENV)/.installed
