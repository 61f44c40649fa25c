"""With real weights in a real world: episodes in lockstep are those that run one after another."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from adapt_core.evaluation import Evaluation, evaluate
from adapt_core.robots import load_robot
from adapt_core.run_folder import RunFolder
from adapt_core.tasks import load_suite
from adapt_core.types import ControlLoop

PRESET, MAX_STEPS, SAME_M = "tiny", 16, 1e-3


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_lockstep_equals_one_after_another_in_metaworld(tmp_path: Path) -> None:
    """Same seeds, same successes, and hands that go the same way but for rounding."""
    from adapt_cli.in_process import InProcess

    robot, task = load_robot("metaworld", preset=PRESET), load_suite("metaworld")["drawer-close"]
    asked = Evaluation(task, range(4), "evaluate-ipa", MAX_STEPS, ControlLoop.SEMI_OPEN)
    ways, successes = [], []
    with InProcess(robot, RunFolder(tmp_path / "alone"), PRESET, "ipa") as parts:
        alone = [parts.runner.run(asked.request(seed)) for seed in asked.seeds]
        successes.append([result.success for result in alone])
        ways.append([parts.store.read_steps(result.episode_id).end_effector for result in alone])
    with InProcess(robot, RunFolder(tmp_path / "together"), PRESET, "ipa", worlds=3) as parts:
        trials = evaluate(parts.batch, parts.store, asked)
        episodes = {meta.seed: meta.episode_id for meta in parts.store.episodes()}
        successes.append([trials.by_seed[seed] for seed in asked.seeds])
        ways.append([parts.store.read_steps(episodes[seed]).end_effector for seed in asked.seeds])
    assert successes[0] == successes[1]
    for one, other in zip(*ways, strict=True):
        assert one is not None
        assert other is not None
        assert np.abs(one[:, :3] - other[:, :3]).max() < SAME_M
