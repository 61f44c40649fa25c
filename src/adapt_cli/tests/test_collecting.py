"""Which demonstrations are asked of the simulator."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from adapt_cli.collecting import Collection, chosen_tasks, collect
from adapt_core.robots import load_robot
from adapt_sim.collection import PARTLY_OPEN, CollectionJob
from adapt_sim.demonstrations import Demonstration


@pytest.fixture
def jobs(monkeypatch: pytest.MonkeyPatch) -> list[CollectionJob]:
    """The jobs that are asked for; none is done."""
    asked: list[CollectionJob] = []

    def collect_many(wanted: list[CollectionJob], workers: int) -> Iterator[Demonstration]:
        asked.extend(wanted)
        yield from ()

    monkeypatch.setattr("adapt_sim.collection.collect_many", collect_many)
    return asked


@pytest.mark.parametrize(
    ("partly_open", "fraction", "method"), [(True, PARTLY_OPEN, "expert-partly-open"), (False, None, "expert")]
)
def test_scenes_are_partly_open_where_that_is_asked(
    jobs: list[CollectionJob],
    tmp_path: Path,
    partly_open: bool,
    fraction: tuple[float, float] | None,
    method: str,
) -> None:
    robot = load_robot("metaworld")
    collection = Collection(robot, chosen_tasks(robot.suite, "drawer-open,drawer-close"), 3, 0, partly_open=partly_open)
    collect(collection, tmp_path)
    assert [(job.task_id, job.seed) for job in jobs] == [
        (task, seed) for task in ("drawer-open", "drawer-close") for seed in range(3)
    ]
    assert {job.start_fraction for job in jobs} == {fraction}
    assert collection.method == method  # so that they are not taken for the others
