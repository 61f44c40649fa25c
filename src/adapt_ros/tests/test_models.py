"""The nodes with the real models of the preset for tests: imagine, infer, finetune, serve the new weights."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("rclpy")

from adapt_core.episode_store import EpisodeHeader, EpisodeStore
from adapt_core.errors import WeightsError
from adapt_core.robots import load_robot
from adapt_core.types import (
    ActionSpace,
    ControlLoop,
    FinetuneRequest,
    Observation,
    PlanRequest,
    TrainingEpisode,
)
from adapt_ros.clients import RosInverseDynamics, RosPlanner, RosTrainer
from adapt_ros.fakes.harness import Harness
from adapt_ros.nodes.inverse_dynamics import InverseDynamicsNode
from adapt_ros.nodes.planner import PlannerNode
from adapt_ros.nodes.trainer import TrainerNode

pytestmark = pytest.mark.ros
HAND = np.array([0.0, 0.6, 0.2, 0.0, 0.0, 0.0, 1.0, 1.0])
HEADER = EpisodeHeader(
    run_id="run", iteration=0, index=0, robot="metaworld", suite="metaworld", task_id="door-close",
    in_domain_prompt="door close", prior_prompt="a door", novel=False, seed=0, method="random",
    weights_version="", inverse_dynamics_version="", code_version="", control_loop=ControlLoop.OPEN,
    action_space=ActionSpace.END_EFFECTOR, frame_skip=4, image_shape=(128, 128),
)  # fmt: skip


@pytest.mark.timeout(600)  # seconds of imports, on a busy machine minutes
def test_from_an_image_to_actions_and_from_an_episode_to_new_weights(ros_domain: int, tmp_path: Path) -> None:
    image = np.random.default_rng(0).integers(0, 255, (128, 128, 3), np.uint8)
    frame_id = load_robot("metaworld").frame_id
    settings = {"preset": "test", "robot": "metaworld", "run": str(tmp_path), "device": "cpu"}
    with Harness(ros_domain) as harness:
        harness.add(PlannerNode, **settings)
        harness.add(InverseDynamicsNode, **settings)
        harness.add(TrainerNode, **settings)
        planner, inverse_dynamics = RosPlanner(harness.me), RosInverseDynamics(harness.me, frame_id)
        trainer = RosTrainer(harness.me)
        before = planner.weights_version

        asked = [PlanRequest(image, "door close", "a robot arm closing a door", seed, 2.0) for seed in (1, 2)]
        first, second = planner.plan(asked)
        assert first.frames.shape == (8, 128, 128, 3)
        assert not np.array_equal(first.frames, second.frames)
        assert np.array_equal(planner.plan(asked[:1])[0].frames.shape, first.frames.shape)

        chunk = inverse_dynamics.infer(Observation(image, HAND, 2.0, 0), first)
        assert chunk.actions.shape == (8, 8)
        assert (chunk.space, chunk.frame_id, chunk.stamp_s) == (ActionSpace.END_EFFECTOR, frame_id, 2.0)

        store = EpisodeStore(tmp_path / "episodes")
        frames = np.stack([np.roll(image, step, axis=1) for step in range(12)])
        episode = store.add(HEADER, frames, np.tile(HAND, (12, 1)), np.tile(HAND, (11, 1)))
        data = (TrainingEpisode(str(store.root), episode.episode_id, "door close"),)
        losses: list[float] = []
        request = FinetuneRequest(before, "run-001", data, 2, 1, 1e-4, 0)
        assert trainer.finetune(request, lambda _step, _steps, loss: losses.append(loss)) == "run-001"

        planner.load_weights("run-001")
        assert planner.plan(asked[:1])[0].weights_version == "run-001"
        with pytest.raises(WeightsError, match="run-002"):
            planner.load_weights("run-002")
        assert planner.weights_version == "run-001"
