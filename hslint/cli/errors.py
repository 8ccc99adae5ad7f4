"""Error reporting: one line on stderr, exit status 2, never a traceback."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import click

#: Exit statuses: nothing found; something found; could not run.
CLEAN, FOUND, CANNOT_RUN = 0, 1, 2

#: What shells say of a program that Ctrl-C ended.
INTERRUPTED = 130

#: Set to anything, it shows where hslint itself went wrong.
TRACEBACK = "HSLINT_TRACEBACK"


class CliError(click.ClickException):
    exit_code = CANNOT_RUN

    def show(self, file: object = None) -> None:
        from hslint.cli.output import complain  # late: most commands do not fail
        from hslint.secrets import replaced, spans_in

        complain(replaced(self.message, spans_in(self.message)))


@contextmanager
def report_errors() -> Iterator[None]:
    """A context that turns the exceptions of other packages into one line."""
    from hslint.hosts.discovery import CannotInspect  # late: `hslint rules` inspects nothing
    from hslint.plugins import BrokenPlugin
    from hslint.settings import InvalidSettings
    from hslint.values.budget import Interrupted

    try:
        yield
        sys.stdout.flush()
    except (CannotInspect, BrokenPlugin, InvalidSettings) as error:
        raise CliError(str(error)) from None
    except BrokenPipeError:
        # The reader has had enough (`| head`): say nothing.
        _abandon_output()
        raise SystemExit(CANNOT_RUN) from None
    except Interrupted:
        raise CliError("the time limit was reached (time-limit in the settings)") from None
    except KeyboardInterrupt:
        # Ctrl-C needs no message.
        raise SystemExit(INTERRUPTED) from None
    except RecursionError:
        raise CliError("the configuration nests more deeply than hslint can follow") from None
    except MemoryError:
        raise CliError("out of memory") from None
    except OSError as error:
        if error.filename is None:
            _abandon_output()
            raise CliError(f"the report cannot be written: {error.strerror}") from None
        raise CliError(f"{os.fsdecode(error.filename)}: {error.strerror}") from None
    except click.ClickException:
        raise
    except Exception as error:
        if os.environ.get(TRACEBACK):
            raise
        raise CliError(
            f"internal-error: {type(error).__name__}: {error} (a defect of hslint; {TRACEBACK}=1 shows where)"
        ) from None


def _abandon_output() -> None:
    """Keep Python from failing once more, when it flushes standard output at exit."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
