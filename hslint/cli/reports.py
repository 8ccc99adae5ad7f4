"""The outputs of `hslint check`: the report on standard output, others in files, and remarks on standard error."""

from __future__ import annotations

from collections.abc import Iterator

from hslint.checking import Checked
from hslint.cli.errors import CliError
from hslint.cli.output import complain, put_all, style
from hslint.cli.report_files import ReportFile, write_report
from hslint.record import Record
from hslint.reporters import report
from hslint.reporters.terminal import Safe, Style


class Reports(Record):
    """The reports that were asked for."""

    form: str
    files: tuple[ReportFile, ...] = ()
    statistics: bool = False
    quiet: bool = False
    verbose: bool = False
    #: When there are colours: auto, always or never.
    colour: str = "auto"

    def check(self) -> None:
        """Raises CliError for what does not go together."""
        if self.quiet and self.verbose:
            raise CliError("--quiet and --verbose do not go together")
        if self.statistics:
            from hslint.reporters.statistics import FORMATS  # late: few runs count

            if self.form not in FORMATS:
                raise CliError(f"--statistics goes with --format {' or '.join(FORMATS)}")

    def give(self, checked: Checked, *, to_errors: bool = False) -> None:
        """Print and write all of them; `to_errors`: standard output is taken by something else. Raises CliError."""
        secrets = checked.inspection.secrets
        put_all(self._printed(checked, style(self.colour, errors=to_errors)), secrets, errors=to_errors)
        for each in self.files:
            write_report(each.path, report(each.form, checked))
        if self.verbose:
            from hslint.reporters import looked_at  # late: few runs report that

            put_all(looked_at.report(checked), secrets, errors=True)
        for trouble in checked.troubles:
            complain(trouble, secrets)

    def _printed(self, checked: Checked, style: Style) -> Iterator[Safe]:
        if self.statistics:
            from hslint.reporters import statistics  # late: as above

            return statistics.report(self.form, checked)
        return report(self.form, checked, style, quiet=self.quiet)
