"""A plain progress bar with a word on what was done last."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from adapt_cli.console import err

Report = Callable[[int, int, str], None]  # (done, in all, what was done last)


@contextmanager
def bar(title: str) -> Iterator[Report]:
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
