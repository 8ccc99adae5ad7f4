# What works from a bare clone with Python 3.11+, venv and make; `make demo` and `make test` come first.

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin

.PHONY: demo test test-all check rule fuzz clean

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
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/pytest -q tests/test_architecture.py

# The skeleton of a rule: make rule NAME=relay-without-name SUBJECT=network
rule: $(VENV)/.installed-dev
	@$(BIN)/python tools/new_rule.py "$(SUBJECT)" "$(NAME)"

# Generated inputs, each time others, against real Nix; HSLINT_NIXPKGS_LIB switches on those that need nixpkgs' lib.
fuzz: $(VENV)/.installed-dev
	$(BIN)/python tools/fuzz.py --seconds $(SECONDS)

clean:
	rm -rf $(VENV) build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	@$(COMPILE)
	@touch $@

$(VENV)/.installed-dev: pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev,lsp]'
	@$(COMPILE)
	@touch $@ $(VENV)/.installed
