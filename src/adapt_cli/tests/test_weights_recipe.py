"""What the weights are made from."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from adapt_cli.collecting import Collection
from adapt_cli.stills import TakenStills
from adapt_cli.weights_recipe import Recipe, training_data
from adapt_core.robots import load_robot
from adapt_core.tasks import load_suite
from adapt_learning.training.episodes import Episode

from adapt_cli import weights_recipe


@pytest.fixture
def collections(monkeypatch: pytest.MonkeyPatch) -> list[Collection]:
    """What is asked to be collected; nothing is."""
    asked: list[Collection] = []

    def collected(collection: Collection, folder: Path) -> list[Episode]:
        asked.append(collection)
        return []

    monkeypatch.setattr(weights_recipe, "_collected", collected)
    tasks = ["reach", "drawer-open", "door-open", "lever-pull"]
    taken = TakenStills(np.arange(4)[:, None, None, None], np.arange(4), np.array(tasks), np.zeros((4, 2)))
    monkeypatch.setattr(weights_recipe, "stills", lambda robot, count, path: taken)
    return asked


JUDGED = {"drawer-close", "drawer-open", "window-close", "window-open", "door-open"}  # SAIL, section 5


def test_a_strict_prior_never_sees_the_tasks_it_is_judged_by(collections: list[Collection], tmp_path: Path) -> None:
    data = training_data(Recipe("tiny_strict", tmp_path, 25, 6, 14, 0, 1, judged=50))
    seen = {task.id for collection in collections for task in collection.tasks}
    assert set(load_suite(load_robot("metaworld").suite)) >= JUDGED
    assert not seen & JUDGED
    assert len(seen) > 30  # there is something else to learn from
    assert data.stills is not None
    assert data.stills.images.ravel().tolist() == [0, 3]
    assert data.stills.image.tolist() == [0, 1]
    assert [prompts[0] for prompts in data.stills.prompts] == ["reach", "lever pull"]


def test_a_broad_prior_sees_them_in_foreign_scenes_only(collections: list[Collection], tmp_path: Path) -> None:
    training_data(Recipe("tiny", tmp_path, 25, 6, 14, 0, 1, judged=50))
    for collection in collections:
        judged = JUDGED & {task.id for task in collection.tasks}
        assert collection.randomise or not judged
        assert collection.count == 50 or not judged
    assert {collection.partly_open for collection in collections if collection.randomise} == {True, False}


def test_a_broad_prior_sees_the_seen_tasks_as_often(collections: list[Collection], tmp_path: Path) -> None:
    training_data(Recipe("tiny", tmp_path, 25, 6, 14, 0, 1, judged=50))
    often = [collection for collection in collections if collection.randomise and collection.count == 50]
    shown = {task.id for collection in often if not collection.partly_open for task in collection.tasks}
    assert shown == JUDGED | {task.id for task in load_suite("metaworld").seen()}


def test_nothing_is_collected_for_models_that_another_preset_lends(
    collections: list[Collection], tmp_path: Path
) -> None:
    training_data(Recipe("tiny_strict", tmp_path, 25, 6, 14, 0, 1))
    assert collections
    assert all(collection.randomise for collection in collections)
    collections.clear()
    data = training_data(Recipe("tiny_half_hour", tmp_path, 25, 6, 14, 0, 1))
    assert {collection.method for collection in collections} == {"expert", "random-play"}
    assert data.stills is None, "its prior points, and is not made"


def test_some_begin_midway_where_that_is_asked(collections: list[Collection], tmp_path: Path) -> None:
    training_data(Recipe("tiny", tmp_path, 25, 6, 14, 0, 1, judged=50, midway=30))
    midway = [collection for collection in collections if collection.midway]
    assert {collection.method: collection.count for collection in midway if not collection.randomise} == {
        "expert-midway": 30
    }
    assert {collection.count for collection in midway if collection.randomise} == {7, 25}
    whole = {seed for c in collections if c.method == "expert" for seed in range(c.first_seed, c.first_seed + c.count)}
    assert not whole & {seed for c in midway for seed in range(c.first_seed, c.first_seed + c.count)}


def test_only_demonstrations_are_made_suboptimal(collections: list[Collection], tmp_path: Path) -> None:
    training_data(Recipe("tiny", tmp_path, 25, 6, 14, 0, 1, random_share=0.7))
    assert {collection.method for collection in collections} == {
        "expert-random-0.7",
        "random-play",
        "expert-randomised",
        "expert-randomised-partly-open",
    }


def test_the_panda_is_shown_as_often_as_in_the_paper(
    collections: list[Collection], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(weights_recipe, "_stills", lambda robot, suite, preset, recipe: None)
    training_data(Recipe("panda_tiny", tmp_path, None, 6, 60, 0, 1, robot="panda"))
    shown = {
        task.id: collection.count
        for collection in collections
        if collection.method == "expert"
        for task in collection.tasks
    }
    assert sum(count for task, count in shown.items() if "cup" in task) == 120
    assert sum(count for task, count in shown.items() if "drawer" in task) == 144
    novel = {"push-orange-cup", "push-purple-cup", "open-yellow-drawer"}
    assert not novel & set(shown)
    [foreign] = [collection for collection in collections if collection.randomise]
    assert novel <= {task.id for task in foreign.tasks}
