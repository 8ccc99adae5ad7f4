"""How a command ends when it cannot do its work: one clear line, exit status 2, never a traceback."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import click

#: Exit statuses: nothing found; something found; could not run.
CLEAN, FOUND, CANNOT_RUN = 0, 1, 2


class Failing(click.ClickException):
    exit_code = CANNOT_RUN

    def show(self, file: object = None) -> None:
        click.echo(f"hslint: {self.message}", err=True)


@contextmanager
def plainly() -> Iterator[None]:
    """Turn what can go wrong at the edge into one line."""
    from hslint.hosts.discovery import CannotInspect
    from hslint.plugins import BrokenPlugin
    from hslint.settings import InvalidSettings

    try:
        yield
        sys.stdout.flush()
    except (CannotInspect, BrokenPlugin, InvalidSettings) as error:
        raise Failing(str(error)) from None
    except BrokenPipeError:
        # The reader has had enough (`| head`): say nothing, and keep Python from saying it at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise SystemExit(CANNOT_RUN) from None
    except RecursionError:
        raise Failing("the configuration nests more deeply than hslint can follow") from None
