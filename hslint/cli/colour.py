"""`--color`, for every command that prints a report as text."""

from __future__ import annotations

import click

color_option = click.option(
    "--color", type=click.Choice(["auto", "always", "never"]), default="auto", help="When there are colours."
)
