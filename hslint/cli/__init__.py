"""The commands."""

import click

from hslint import __version__
from hslint.cli.eval import eval_


@click.group()
@click.version_option(__version__, prog_name="hslint")
def main() -> None:
    """Find mistakes in Nix configurations that run Headscale."""


main.add_command(eval_)
