"""Sources of others that tests compare with: no package carries them, so whoever runs the tests names their places in variables."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

#: Whether a test that cannot run has failed: so `.ci/run` has it, that no green run has quietly left something out.
ALL_REQUIRED = os.environ.get("HSLINT_REQUIRE_ALL") == "1"

#: The variables, and what each names.
VARIABLES = {
    "HSLINT_NIXPKGS_LIB": "the lib directory of nixpkgs",
    "HSLINT_FLAKE_PARTS": "a source of flake-parts",
    "HSLINT_FRAMEWORKS": "a directory with the sources of frameworks",
    "HSLINT_POLICY_CASES": "a file of verdicts on policies",
}


def source(variable: str) -> Path:
    """The file or directory that the variable names. Without one the test is skipped; where all is required it fails, but for what
    HSLINT_WITHOUT says is not to be had.
    """
    named = os.environ.get(variable)
    if not named:
        reason = f"{variable} does not name {VARIABLES[variable]}"
        if ALL_REQUIRED and variable not in os.environ.get("HSLINT_WITHOUT", "").split():
            pytest.fail(reason, pytrace=False)
        pytest.skip(reason)
    return Path(named)
