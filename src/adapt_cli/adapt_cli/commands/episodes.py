"""`adapt episodes`."""

from __future__ import annotations

from adapt_core.types import LabelValue

from adapt_cli import options
from adapt_cli.console import out, wide


def episodes(
    run: options.RunArgument,
    task: options.OfTask = "",
    iteration: options.OfIteration = None,
    outcome: options.OfOutcome = None,
    label: options.OfLabel = None,
    demos: options.Demos = False,
) -> None:
    """List the episodes of a run.

    Examples:  adapt episodes runs/mine  ·  adapt episodes runs/mine --iteration 1 --label failure
    """
    from rich.table import Table

    from adapt_cli.run_store import chosen_store

    store = chosen_store(run, demos)
    table = Table(box=None, pad_edge=False)
    for column in ("iteration", "#", "task", "outcome", "simulator", "label", "steps", "weights", "episode"):
        table.add_column(column, no_wrap=True)
    found = store.episodes(task_id=task or None, iteration=iteration, outcome=outcome, label=label)
    for meta in found:
        value = store.label_of(meta.episode_id)
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
    out().print(f"{len(found)} episodes")
