"""The `adapt` command: assembles the subcommands, one file each under `commands/`."""

from __future__ import annotations

import os
from typing import Annotated

import typer

from adapt_cli.commands.doctor import doctor
from adapt_cli.commands.episodes import episodes
from adapt_cli.commands.label import label
from adapt_cli.commands.report import report
from adapt_cli.errors import AdaptGroup

HELP = """A robot arm does a task told in words: it imagines a video first, acts on it, and learns from its own episodes.

Try it:  adapt doctor  ·  adapt demo  ·  adapt sail drawer-close --robot metaworld --in-process
"""

app = typer.Typer(
    cls=AdaptGroup,
    help=HELP,
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_show_locals=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback()
def root(debug: Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")] = False) -> None:
    """Set what holds for all commands."""
    os.environ.setdefault("ROS_AUTOMATIC_DISCOVERY_RANGE", "LOCALHOST")


for command in (episodes, label, report, doctor):
    app.command()(command)
