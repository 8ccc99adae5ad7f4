"""Real Nix as a judge: evaluates or parses, and touches nothing."""

import json
import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


class NixRefused(Exception):
    """Real Nix did not accept the expression; the text is its message."""


@dataclass(frozen=True, slots=True)
class RealNix:
    """`nix-instantiate`, for evaluation only: it writes to no store, reaches no network and reads no NIX_PATH.

    An argument that is a `Path` is a file; a `str` is an expression, and relative paths in it start at `cwd`.
    """

    program: str
    timeout: float = 20.0

    def json(
        self, source: str | Path, *, cwd: Path | None = None, environment: Mapping[str, str] | None = None
    ) -> object:
        """The value, forced deeply, as `builtins.toJSON` gives it; `environment` is what `builtins.getEnv` finds."""
        return json.loads(self._run("--eval", "--strict", "--json", source=source, cwd=cwd, environment=environment))

    def text(self, source: str | Path, *, cwd: Path | None = None) -> str:
        """The value, forced deeply, as Nix prints it: paths, functions and floats can be told apart."""
        return self._run("--eval", "--strict", source=source, cwd=cwd).rstrip("\n")

    def parsed(self, source: str | Path, *, cwd: Path | None = None) -> str:
        """The expression as Nix read it."""
        return self._run("--parse", source=source, cwd=cwd).rstrip("\n")

    def parses(self, source: str | Path, *, cwd: Path | None = None) -> bool:
        """Whether Nix accepts the syntax. An undefined variable counts as not accepted, since Nix binds names as it parses."""
        try:
            self.parsed(source, cwd=cwd)
        except NixRefused:
            return False
        return True

    def _run(
        self, *options: str, source: str | Path, cwd: Path | None, environment: Mapping[str, str] | None = None
    ) -> str:
        target = [str(source.resolve())] if isinstance(source, Path) else ["--expr", source]
        done = subprocess.run(
            [self.program, "--readonly-mode", *options, *target],
            capture_output=True,
            timeout=self.timeout,
            cwd=cwd,
            # "dummy://" is a store that holds nothing and takes nothing; a HOME that does not exist has no settings.
            env={
                **(environment or {}),
                "PATH": os.environ["PATH"],
                "HOME": "/nonexistent",
                "NIX_REMOTE": "dummy://",
                "LC_ALL": "C.UTF-8",
            },
        )
        if done.returncode:
            raise NixRefused(done.stderr.decode(errors="replace").strip())
        return done.stdout.decode(errors="surrogateescape")
