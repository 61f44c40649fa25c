"""What a table's page says of results, and how methods are compared."""

from __future__ import annotations

from pathlib import Path

import pytest
from adapt_cli.tables.markdown import page
from adapt_cli.tables.pictures import draw_rates
from adapt_cli.tables.results import Result
from adapt_cli.tables.summary import Rate, comparisons
from adapt_cli.tables.table_run import TableRun
from adapt_core.episode_store import EpisodeStore
from adapt_core.run_folder import RunFolder
from adapt_core.tables import Cell, load_table
from adapt_core.types import ExperienceFilter, Task
from PIL import Image

from .conftest import record

TASK = Task("drawer-close", "metaworld", "drawer close", "a robot arm closing a drawer", novel=True)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> EpisodeStore:
    return EpisodeStore(tmp_path_factory.mktemp("page") / "episodes")


def result_of(store: EpisodeStore, method: str, outcomes: str, iteration: int = 0, loop: bool = False) -> Result:
    """A result whose episodes succeeded where `outcomes` has a 1."""
    metas = [
        store.meta(record(store, iteration, index, outcome == "1", method=method))
        for index, outcome in enumerate(outcomes)
    ]
    cell = Cell(method, TASK.id, 0, ExperienceFilter.SUCCESS if loop else None)
    return Result(cell, TASK, iteration, None, store, tuple(metas))


def test_methods_are_compared_scene_by_scene(store: EpisodeStore) -> None:
    results = [
        result_of(store, "random_waypoint", "000000"),
        result_of(store, "in_domain", "110000"),
        result_of(store, "ipa", "111110"),
    ]
    [random, alone] = comparisons(results)
    assert (random.one, random.other, random.scenes, random.only_one, random.only_other) == (
        "ipa",
        "random_waypoint",
        6,
        5,
        0,
    )
    assert random.p == pytest.approx(2 / 32)
    assert (alone.other, alone.only_one, alone.only_other) == ("in_domain", 3, 0)


def test_loops_are_compared_in_the_last_iteration_that_both_have(store: EpisodeStore) -> None:
    results = [
        *(result_of(store, "ipa", done, it, loop=True) for it, done in enumerate(("10", "11", "11"))),
        *(result_of(store, "extra_steps", done, it, loop=True) for it, done in enumerate(("10", "01"))),
    ]
    [compared] = comparisons(results)
    assert (compared.iteration, compared.scenes, compared.only_one, compared.only_other) == (1, 2, 1, 0)


def test_page_and_picture_of_a_loop(store: EpisodeStore, tmp_path: Path) -> None:
    results = [
        result_of(store, "random_waypoint", "01"),
        *(result_of(store, "ipa", done, it, loop=True) for it, done in enumerate(("10", "11"))),
        *(result_of(store, "extra_steps", done, it, loop=True) for it, done in enumerate(("10", "00"))),
    ]
    run = TableRun(load_table("sail"), RunFolder(tmp_path), 1, "adapt reproduce sail")
    text = page(run, results, ["sail.png"])
    assert "    adapt reproduce sail\n" in text
    assert "| ipa (success) | 1 | 2/2 (34-100 %) |" in text
    assert "| random_waypoint | 0 | 1/2 (9-91 %) |" in text
    assert "With 2 episodes a cell this shows that the harness runs" in text
    assert "loops start with 25 demonstrations and 50 that begin midway of each of door-close" in text
    assert "50% of each finetuning batch is experience" in text
    draw_rates(results, "a loop", tmp_path / "sail.png")
    with Image.open(tmp_path / "sail.png") as picture:
        assert min(picture.size) > 300


def test_a_rate_says_its_counts_and_interval() -> None:
    assert str(Rate(17, 20)) == "17/20 (64-95 %)"
    assert str(Rate(0, 0)) == ""
