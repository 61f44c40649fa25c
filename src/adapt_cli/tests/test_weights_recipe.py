"""What the weights are made from."""

from __future__ import annotations

from pathlib import Path

import pytest
from adapt_cli.collecting import Collection
from adapt_cli.weights_recipe import JUDGED, Recipe, training_data
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
    assert set(JUDGED) <= set(suite)
    assert not seen & set(JUDGED)
    assert len(seen) > 30  # there is something else to learn from


def test_only_demonstrations_are_made_suboptimal(collections: list[Collection], tmp_path: Path) -> None:
    training_data(Recipe("tiny", tmp_path, 25, 6, 14, 0, 1, random_share=0.7))
    assert [collection.method for collection in collections] == [
        "expert-random-0.7",
        "random-play",
        "expert-randomised",
    ]
