"""The `adapt` command: assembles the subcommands, one file each under `commands/`."""

from __future__ import annotations

import os
from typing import Annotated

import typer

from adapt_cli.commands.approve import approve
from adapt_cli.commands.bench import bench
from adapt_cli.commands.demo import demo
from adapt_cli.commands.demos import demos
from adapt_cli.commands.doctor import doctor
from adapt_cli.commands.enable import enable
from adapt_cli.commands.episodes import episodes
from adapt_cli.commands.evaluate import evaluate
from adapt_cli.commands.export import export
from adapt_cli.commands.halt import recover, reset_stop, stop
from adapt_cli.commands.importing import importing
from adapt_cli.commands.label import label
from adapt_cli.commands.models import models
from adapt_cli.commands.panel import panel
from adapt_cli.commands.preflight import preflight
from adapt_cli.commands.report import report
from adapt_cli.commands.reproduce import reproduce
from adapt_cli.commands.run import run
from adapt_cli.commands.sail import sail
from adapt_cli.commands.train import train
from adapt_cli.commands.up import up
from adapt_cli.commands.watch import watch
from adapt_cli.errors import AdaptGroup

HELP = """A robot arm does a task told in words: it imagines a video first, acts on it, and learns from its own episodes.

Try it:  adapt doctor  ·  adapt demo  ·  adapt sail drawer-close --robot metaworld --in-process
"""

app = typer.Typer(
    cls=AdaptGroup,
    help=HELP,
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback()
def root(debug: Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")] = False) -> None:
    """Set what holds for all commands."""
    os.environ.setdefault("ROS_AUTOMATIC_DISCOVERY_RANGE", "LOCALHOST")
    os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")  # of the text encoder, amid our own


LOOP = (demo, doctor, up, watch, run, sail, demos, label, episodes, report, evaluate, reproduce, models)
OPERATOR = (preflight, panel, enable, approve, stop, reset_stop, recover)
for command in (*LOOP, *OPERATOR):
    app.command()(command)
app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})(bench)
for name, group in {"train": train, "export": export, "import": importing}.items():
    app.add_typer(group, name=name)
