"""What came out of a table's cells, read off its stores."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from adapt_core.episode_store import EpisodeMeta, EpisodeStore
from adapt_core.evaluation import Trials, trials_of
from adapt_core.tables import Cell, Control
from adapt_core.types import Outcome, Task

from adapt_cli.tables.table_run import TableRun

WITHOUT_PRIOR = ("in_domain", *(control.value for control in Control))


@dataclass(frozen=True)
class Result:
    """The completed `episodes` of a cell in one `iteration`, and the `store` that has them.

    `prior` is the kind of video prior that took part, None where none did.
    """

    cell: Cell
    task: Task
    iteration: int
    prior: str | None
    store: EpisodeStore
    episodes: tuple[EpisodeMeta, ...]

    @property
    def trials(self) -> Trials:
        """What became of each scene."""
        return trials_of(self.episodes)

    @property
    def label(self) -> str:
        """The method as tables name it."""
        return self.cell.method + (f" ({self.cell.filter})" if self.cell.filter else "")

    def row(self) -> dict[str, object]:
        """As in the JSON file."""
        row: dict[str, object] = {
            "method": self.cell.method,
            "task": self.task.id,
            "novel": self.task.novel,
            "iteration": self.iteration,
            "seed": self.cell.seed,
            "episodes": self.trials.episodes,
            "successes": self.trials.successes,
            "prior": self.prior,
        }
        return row if self.cell.filter is None else {**row, "filter": self.cell.filter.value}


def read_results(run: TableRun) -> list[Result]:
    """What there is so far: a result for each cell, and in loops for each iteration, that has episodes."""
    stores: dict[Path, EpisodeStore] = {}
    return [result for cell in run.table.cells() for result in _results(run, cell, stores)]


def done(run: TableRun, cell: Cell) -> bool:
    """Whether all episodes of a cell are there."""
    wanted = run.table.episodes * (1 if run.table.loop is None or cell.filter is None else run.table.loop.iterations)
    return sum(len(result.episodes) for result in _results(run, cell, {})) == wanted


def _results(run: TableRun, cell: Cell, stores: dict[Path, EpisodeStore]) -> Iterator[Result]:
    path = run.store_of(cell)
    if not path.is_dir():
        return
    store = stores.setdefault(path, EpisodeStore(path))
    found = [meta for meta in store.episodes(task_id=cell.task, outcome=Outcome.COMPLETED) if _of(run, cell, meta)]
    prior = None if run.table.planned_by(cell) in WITHOUT_PRIOR else run.preset.prior.kind
    for iteration in sorted({meta.iteration for meta in found}):
        mine = sorted((meta for meta in found if meta.iteration == iteration), key=lambda meta: meta.seed)
        yield Result(cell, run.suite[cell.task], iteration, prior, store, tuple(mine))


def _of(run: TableRun, cell: Cell, meta: EpisodeMeta) -> bool:
    """Whether an episode in the cell's store is one that the table asks for."""
    loop = run.table.loop
    if loop is not None and cell.filter is not None:
        return meta.iteration < loop.iterations and meta.index < run.table.episodes
    mine = cell.method == Control.RANDOM_WAYPOINT or meta.run_id == run.run_id(cell)
    return mine and meta.seed in run.table.scenes(cell.seed)
