"""`adapt episodes`."""

from __future__ import annotations

from typing import Annotated

import typer
from adapt_core.types import LabelValue, Outcome

from adapt_cli.console import out, wide
from adapt_cli.options import RunArgument


def episodes(
    run: RunArgument,
    task: Annotated[str, typer.Option("--task", help="Only of this task.", metavar="ID")] = "",
    iteration: Annotated[int | None, typer.Option("--iteration", help="Only of this iteration.")] = None,
    outcome: Annotated[Outcome | None, typer.Option("--outcome", help="Only with this outcome.")] = None,
    label: Annotated[LabelValue | None, typer.Option("--label", help="Only with this label.")] = None,
    demos: Annotated[bool, typer.Option("--demos", help="The run's demonstrations instead.")] = False,
) -> None:
    """List the episodes of a run.

    Examples:  adapt episodes runs/mine  ·  adapt episodes runs/mine --iteration 1 --label failure
    """
    from adapt_core.episode_store import EpisodeStore
    from rich.table import Table

    from adapt_cli.run_store import existing_run, open_store

    folder = existing_run(run)
    store = EpisodeStore(folder.demos) if demos else open_store(folder)
    table = Table(box=None, pad_edge=False)
    for column in ("iteration", "#", "task", "outcome", "simulator", "label", "steps", "weights", "episode"):
        table.add_column(column, no_wrap=True)
    count = 0
    for meta in store.episodes(outcome=outcome):
        value = store.label_of(meta.episode_id)
        if (task and meta.task_id != task) or (iteration is not None and meta.iteration != iteration):
            continue
        if label is not None and value is not label:
            continue
        count += 1
        truth = "" if meta.success is None else "success" if meta.success else "failure"
        table.add_row(
            str(meta.iteration),
            str(meta.index),
            meta.task_id,
            meta.outcome,
            truth,
            "" if value is LabelValue.UNLABELED else value,
            str(meta.steps),
            meta.weights_version,
            meta.episode_id,
        )
    wide().print(table)
    out().print(f"{count} episodes")
