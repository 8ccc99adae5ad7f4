"""`hslint completions SHELL`: the script that makes a shell complete hslint's commands."""

from __future__ import annotations

import click
from click.shell_completion import ShellComplete, get_completion_class

from hslint.cli.output import put_all

SHELLS = ("bash", "zsh", "fish")


@click.command("completions", short_help="Print the script that completes commands in a shell.")
@click.argument("shell", type=click.Choice(SHELLS))
@click.pass_context
def completions(ctx: click.Context, shell: str) -> None:
    """Print the script that makes SHELL complete commands, options, rules, hosts, releases, modules and files.

    bash: hslint completions bash > ~/.local/share/bash-completion/completions/hslint; zsh: into a file _hslint in a directory of $fpath; fish: into
    ~/.config/fish/completions/hslint.fish.
    """
    made = get_completion_class(shell)
    assert made is not None
    complete = made(ctx.find_root().command, {}, "hslint", "_HSLINT_COMPLETE")
    # Not the one of bash, which runs bash to ask for its version.
    put_all(ShellComplete.source(complete).rstrip("\n").split("\n"))
