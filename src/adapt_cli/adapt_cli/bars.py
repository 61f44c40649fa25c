"""A plain progress bar with a word on what was done last."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from adapt_core.ports import WorkProgress
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from adapt_cli.console import err


@contextmanager
def bar(title: str) -> Iterator[WorkProgress]:
    """Yields what to call with each step. Without a terminal, a line each tenth of the way."""
    console = err()
    columns = (TextColumn(title), BarColumn(bar_width=28), MofNCompleteColumn(), TextColumn("{task.fields[last]}"))
    with Progress(*columns, TimeElapsedColumn(), console=console, disable=not console.is_terminal) as bars:
        shown = bars.add_task(title, total=None, last="")
        said = -1

        def report(done: int, total: int, last: str) -> None:
            nonlocal said
            bars.update(shown, completed=done, total=total, last=last)
            tenth = 10 * done // max(total, 1)
            if not console.is_terminal and tenth != said:
                said = tenth
                console.print(f"{title}: {done} of {total} {last}")

        yield report
