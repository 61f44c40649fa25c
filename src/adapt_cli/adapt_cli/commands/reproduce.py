"""`adapt reproduce`."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Annotated

import typer
from adapt_core.errors import ConfigError

from adapt_cli import options


def reproduce(
    table: Annotated[
        str, typer.Argument(help="methods, seen, sail, filters, suboptimal, cups, drawers or few: see config/tables/.")
    ],
    episodes: Annotated[int | None, typer.Option(help="Of each cell, or each iteration.", min=1)] = None,
    iterations: Annotated[int | None, typer.Option(help="Of each loop.", min=1)] = None,
    finetune_steps: Annotated[
        int | None, typer.Option(help="Gradient steps an iteration. Default: the preset's.", min=1)
    ] = None,
    demos: Annotated[int | None, typer.Option(help="Initial demonstrations of each task.", min=1)] = None,
    tasks: Annotated[str, typer.Option(help="Only these of its tasks, commas between.", metavar="TASKS")] = "",
    methods: Annotated[str, typer.Option(help="Only these of its methods, commas between.", metavar="NAMES")] = "",
    seeds: Annotated[str, typer.Option(help="Other seeds than its own, commas between.", metavar="SEEDS")] = "",
    preset: Annotated[str, typer.Option(help="Other models than its own: a file of config/models/.")] = "",
    control_loop: options.Loop = None,
    run: Annotated[
        Path | None, typer.Option("--run", help="Folder of the run. Default: runs/reproduce-<table>.", metavar="FOLDER")
    ] = None,
    output: Annotated[
        Path | None, typer.Option(help="Where the results go. Default: the run's folder results/.", metavar="FOLDER")
    ] = None,
    worlds: options.Worlds = None,
) -> None:
    """Make a table of the papers again, with the controls that a sceptic asks for beside each method.

    Writes rows (JSON), a page (Markdown), rates with intervals and what each method imagined (PNG). Hours on a CPU as the
    tables are; cheap to try with few episodes. The same command goes on where it was.

    Examples:

    adapt reproduce methods --output docs/results

    adapt reproduce sail --episodes 2 --iterations 1 --tasks drawer-close --seeds 1
    """
    from adapt_core.run_folder import RunFolder
    from adapt_core.tables import Changes, load_table

    from adapt_cli.guarded_worlds import default_worlds
    from adapt_cli.sail_job import RUNS
    from adapt_cli.tables.show import run_and_print
    from adapt_cli.tables.table_run import TableRun

    shown = {
        "episodes": episodes,
        "iterations": iterations,
        "finetune-steps": finetune_steps,
        "demos": demos,
        "tasks": tasks,
        "methods": methods,
        "seeds": seeds,
        "preset": preset,
        "control-loop": control_loop,
    }
    changes = Changes(
        _names(tasks),
        _names(methods),
        _numbers(seeds),
        preset,
        control_loop,
        episodes,
        iterations,
        demonstrations=demos,
    )
    chosen = changes.of(load_table(table))
    parts = ["adapt", "reproduce", table]
    parts += [part for key, value in shown.items() if value for part in (f"--{key}", str(value))]
    folder = RunFolder(run or RUNS / f"reproduce-{table}")
    run_and_print(
        TableRun(
            chosen, folder, worlds or default_worlds(chosen.episodes), shlex.join(parts), finetune_steps=finetune_steps
        ),
        output or folder.path / "results",
    )


def _names(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.split(",")) if text else ()


def _numbers(text: str) -> tuple[int, ...]:
    try:
        return tuple(int(name) for name in _names(text))
    except ValueError:
        raise ConfigError(f"--seeds {text}: give whole numbers with commas between, e.g. 1,2,3") from None
