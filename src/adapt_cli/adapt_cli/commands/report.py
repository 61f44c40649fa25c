"""`adapt report`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from adapt_cli.console import out, wide
from adapt_cli.options import RunArgument

if TYPE_CHECKING:
    from adapt_core.run_folder import RunFolder

    from adapt_cli.report.build import Report


def report(run: RunArgument) -> None:
    """Make the summary, the success curve and the pictures of a run again.

    Everything is read from what is on disk; labels given since then count.

    Example:  adapt report runs/mine
    """
    from adapt_cli.run_store import existing_run

    print_report(make_report(existing_run(run)))


def make_report(folder: RunFolder) -> Report:
    """Build the report, with a progress bar."""
    from rich.progress import Progress

    from adapt_cli.console import err
    from adapt_cli.report.build import build_report
    from adapt_cli.run_store import open_store

    with Progress(console=err(), transient=True) as bars:
        task = bars.add_task("drawing the report", total=None)
        return build_report(
            folder, open_store(folder), lambda done, total: bars.update(task, completed=done, total=total)
        )


def print_report(made: Report) -> None:
    """The outcome as a table, and where everything lies."""
    from rich.table import Table

    from adapt_cli.report.markdown import percent

    summary = made.summary
    title = f"{summary.robot} / {summary.task}, {summary.method}"
    table = Table(title=title, title_justify="left")
    for column in ("iteration", "episodes", "successes", "rate", "95 % interval", "aborted", "weights"):
        table.add_column(column, justify="left" if column in ("weights", "95 % interval") else "right")
    for one in summary.iterations:
        numbers = (str(one.index), str(one.episodes), str(one.successes), *percent(one), str(one.aborted))
        table.add_row(*numbers, one.weights_version)
    wide().print(table)
    run = made.folder.parent
    places = {
        "summary": made.folder / "summary.md",
        "numbers": made.folder / "summary.json",
        "curve": made.folder / "success_curve.png",
        "overview": made.folder / "overview.png",
        "strips": made.strips,
        "episodes": run / "episodes",
        "weights": run / "weights",
    }
    for name, path in places.items():
        if path.exists():
            out().print(f"{name:>9}  {path}")
