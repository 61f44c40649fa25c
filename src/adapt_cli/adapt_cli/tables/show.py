"""Runs a table for the command line and prints what came out."""

from __future__ import annotations

from pathlib import Path

from adapt_cli.bars import bar
from adapt_cli.console import err, out
from adapt_cli.interrupt import stop_on_interrupt
from adapt_cli.tables.cells import run_cells
from adapt_cli.tables.report import write_numbers, write_report
from adapt_cli.tables.results import Result
from adapt_cli.tables.table_run import TableRun

RESUME = "Ending; what was run is kept, and the same command goes on."


def run_and_print(run: TableRun, output: Path) -> None:
    """Run what is missing, write it to `output` after each cell, print a line for each result."""
    run.begin()
    err().print(f"run folder {run.folder.path}")
    with stop_on_interrupt(RESUME) as should_stop:
        run_cells(run, lambda cell: _written(run, output), should_stop)
    with bar("drawing") as report:
        report(0, 1, "")
        results = write_report(run, output)
        report(1, 1, "")
    for result in results:
        out().print(_line(result), soft_wrap=True)
    for name in (f"{run.table.name}.md", f"{run.table.name}.json", f"{run.table.name}.png"):
        out().print(f"{output / name}", soft_wrap=True)


def _written(run: TableRun, output: Path) -> None:
    write_numbers(run, output, [])


def _line(result: Result) -> str:
    trials = result.trials
    low, high = trials.interval
    seeds, version = sorted(trials.by_seed), result.episodes[0].weights_version
    iteration = f", iteration {result.iteration}" if result.cell.filter else ""
    return (
        f"{result.task.id}: {trials.successes} of {trials.episodes} succeeded, {trials.successes / trials.episodes:.0%} "
        f"(95 % interval {low:.0%} to {high:.0%}), method {result.label}{iteration}"
        f"{f', weights {version}' if version else ''}, seeds {seeds[0]} to {seeds[-1]}"
    )
