"""With real weights in a real world: episodes in lockstep are those that run one after another."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from adapt_core.evaluation import Evaluation, evaluate
from adapt_core.robots import load_robot
from adapt_core.run_folder import RunFolder
from adapt_core.tasks import load_suite
from adapt_core.types import ControlLoop, PlanRequest, VideoPlan
from adapt_learning.model_family import ModelFamily
from adapt_learning.planner import ComposedVideoPlanner
from adapt_sim import make_world

PRESET, MAX_STEPS, SAME_M = "tiny", 16, 1e-3
ROBOT = load_robot("metaworld", preset=PRESET)
TASK = load_suite("metaworld")["drawer-close"]


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_lockstep_equals_one_after_another_in_metaworld(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Same seeds, same successes, same ways to the last bit, where plans do not differ by the rounding of batches."""
    from adapt_cli.in_process import InProcess

    together = ComposedVideoPlanner.plan

    def one_by_one(self: ComposedVideoPlanner, requests: Sequence[PlanRequest], **rest: Any) -> list[VideoPlan]:
        return [plan for request in requests for plan in together(self, [request], **rest)]

    monkeypatch.setattr(ComposedVideoPlanner, "plan", one_by_one)
    asked = Evaluation(TASK, range(4), "evaluate-ipa", MAX_STEPS, ControlLoop.SEMI_OPEN)
    ways, successes = [], []
    with InProcess(ROBOT, RunFolder(tmp_path / "alone"), PRESET, "ipa") as parts:
        alone = [parts.runner.run(asked.request(seed)) for seed in asked.seeds]
        successes.append([result.success for result in alone])
        ways.append([parts.store.read_steps(result.episode_id).end_effector for result in alone])
    with InProcess(ROBOT, RunFolder(tmp_path / "together"), PRESET, "ipa", worlds=3) as parts:
        trials = evaluate(parts.batch, parts.store, asked)
        episodes = {meta.seed: meta.episode_id for meta in parts.store.episodes()}
        successes.append([trials.by_seed[seed] for seed in asked.seeds])
        ways.append([parts.store.read_steps(episodes[seed]).end_effector for seed in asked.seeds])
    assert successes[0] == successes[1]
    for one, other in zip(*ways, strict=True):
        assert np.array_equal(one, other)


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_plans_of_a_batch_lead_where_plans_alone_lead() -> None:
    """From equal observations; what contacts make of the rounding afterwards is not bounded."""
    family = ModelFamily(PRESET)
    planner, world = family.planner(), make_world(ROBOT.world)
    follow = family.inverse_dynamics(world.spec, ROBOT.frame_skip).infer
    seen = [world.reset(TASK.id, seed) for seed in range(4)]
    asked = [PlanRequest(one.image, TASK.in_domain_prompt, TASK.prior_prompt, seed) for seed, one in enumerate(seen)]
    for observation, request, plan in zip(seen, asked, planner.plan(asked), strict=True):
        [alone] = planner.plan([request])
        ways = [follow(observation, one).actions[:, :3] for one in (alone, plan)]
        assert np.abs(ways[0] - ways[1]).max() < SAME_M
