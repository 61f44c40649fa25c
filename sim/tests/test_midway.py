"""Scenes that begin in the middle of a task."""

from __future__ import annotations

import numpy as np
import pytest
from adapt_core.errors import ConfigError
from adapt_sim.collection import CollectionJob
from adapt_sim.metaworld import MetaWorldWorld
from adapt_sim.metaworld_demonstrations import collect_expert
from adapt_sim.registry import make_world


def test_the_hand_is_elsewhere_and_the_expert_finds_back() -> None:
    whole, midway = MetaWorldWorld(image_size=32), MetaWorldWorld(image_size=32, midway=True)
    moved = []
    for seed in range(6):
        start, later = whole.reset("drawer-open", seed), midway.reset("drawer-open", seed)
        assert not later.success, "there is something left to show"
        np.testing.assert_array_equal(later.end_effector, midway.reset("drawer-open", seed).end_effector)
        moved.append(np.linalg.norm(later.end_effector[:3] - start.end_effector[:3]))
    assert np.median(moved) > 0.05
    demonstrations = [collect_expert(midway, "drawer-open", seed) for seed in range(6)]
    assert sum(demonstration.success for demonstration in demonstrations) >= 5
    whole.close()
    midway.close()


def test_a_world_without_experts_in_it_refuses() -> None:
    assert CollectionJob("drawer-open", 0, midway=True).world_settings["midway"] is True
    assert "midway" not in CollectionJob("drawer-open", 0).world_settings
    with pytest.raises(ConfigError, match="midway"):
        make_world("panda", midway=True)
