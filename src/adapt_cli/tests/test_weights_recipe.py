"""What the weights are made from."""

from __future__ import annotations

from pathlib import Path

import pytest
from adapt_cli.collecting import Collection
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
    return asked


def test_no_model_sees_the_tasks_it_is_judged_by(collections: list[Collection], tmp_path: Path) -> None:
    training_data(Recipe("tiny", tmp_path, 25, 6, 14, 0, 1))
    seen = {task.id for collection in collections for task in collection.tasks}
    suite = load_suite(load_robot("metaworld").suite)
    judged = {"drawer-close", "drawer-open", "window-close", "window-open", "door-open"}  # SAIL, section 5
    assert judged <= set(suite)
    assert not seen & judged
    assert len(seen) > 30  # there is something else to learn from


def test_only_demonstrations_are_made_suboptimal(collections: list[Collection], tmp_path: Path) -> None:
    training_data(Recipe("tiny", tmp_path, 25, 6, 14, 0, 1, random_share=0.7))
    assert [collection.method for collection in collections] == [
        "expert-random-0.7",
        "random-play",
        "expert-randomised",
    ]


def test_the_panda_is_shown_as_often_as_in_the_paper(
    collections: list[Collection], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(weights_recipe, "_stills", lambda robot, suite, recipe: None)
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
