"""The sim bridge with MetaWorld and with a slow fake, spoken to over DDS."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("rclpy")

from action_msgs.msg import GoalStatus
from adapt_core.robots import load_robot
from adapt_core.types import ActionChunk, ActionSpace
from adapt_ros.fakes.harness import Harness
from adapt_ros.fakes.point_world import PointWorld
from adapt_ros.nodes.sim_bridge import SimBridge

from adapt_ros import convert, interfaces

pytestmark = pytest.mark.ros
ROBOT = load_robot("metaworld")
POSE = (0.0, 0.6, 0.2, 0.0, 0.0, 0.0, 1.0, 1.0)


def chunk(count: int = 3, **changes: object) -> object:
    actions = np.tile(np.array(POSE), (count, 1))
    actions[:, 0] = np.linspace(0.0, 0.02, count)
    fields = {
        "space": ActionSpace.END_EFFECTOR,
        "actions": actions,
        "frame_skip": ROBOT.frame_skip,
        "frame_id": ROBOT.frame_id,
        **changes,
    }
    return convert.to_chunk(ActionChunk(**fields))  # type: ignore[arg-type]


def test_metaworld_resets_by_seed_executes_and_its_clock_never_goes_back(harness: Harness) -> None:
    harness.add(SimBridge, robot="metaworld")
    clock = harness.hear(interfaces.CLOCK)
    observations = harness.hear(interfaces.OBSERVATION)
    first, other, again = (harness.call(interfaces.RESET_WORLD, task_id="door-close", seed=seed) for seed in (1, 2, 1))
    assert first.success, first.message
    images = [convert.from_image(response.observation.image) for response in (first, other, again)]
    assert np.array_equal(images[0], images[2])
    assert not np.array_equal(images[0], images[1])

    result = harness.send(interfaces.WORLD_EXECUTE_CHUNK, chunk=chunk()).result()
    assert (result.code, len(result.sequences)) == ("", 3), result.message
    harness.until(lambda: observations and observations[-1].sequence == result.sequences[-1], "the last observation")
    assert [message.sequence for message in observations] == list(range(1, 7))
    stamps = [convert.from_time(message.clock) for message in clock]
    assert stamps == sorted(stamps)
    assert stamps[0] < stamps[-1]


def test_an_unknown_task_is_answered_and_the_bridge_serves_on(harness: Harness) -> None:
    harness.add(SimBridge, mock=True)
    refused = harness.call(interfaces.RESET_WORLD, task_id="no-such-task", seed=0)
    assert not refused.success
    assert "no-such-task" in refused.message
    assert harness.call(interfaces.RESET_WORLD, task_id="door-close", seed=0).success


def test_a_bad_chunk_is_refused_as_a_whole(harness: Harness) -> None:
    harness.add(SimBridge, robot="metaworld")
    harness.call(interfaces.RESET_WORLD, task_id="door-close", seed=0)
    actions = np.tile(np.array(POSE), (3, 1))
    actions[2, 0] = np.nan
    result = harness.send(interfaces.WORLD_EXECUTE_CHUNK, chunk=chunk(actions=actions)).result()
    assert (result.code, result.rejected, len(result.sequences)) == ("non_finite", True, 0)


def test_cancel_stops_and_only_one_goal_runs_at_a_time(harness: Harness) -> None:
    harness.add(lambda **arguments: SimBridge(PointWorld(pace=1.0), **arguments))
    harness.call(interfaces.RESET_WORLD, task_id="door-close", seed=0)
    goal = harness.send(interfaces.WORLD_EXECUTE_CHUNK, chunk=chunk(1000)).moving()
    second = harness.send(interfaces.WORLD_EXECUTE_CHUNK, chunk=chunk())
    assert harness.until(lambda: second.accepted is not None, "an answer") and second.accepted is False
    goal.cancel()
    assert 0 < len(goal.result().sequences) < 1000
    assert goal.status == GoalStatus.STATUS_CANCELED
    assert len(harness.send(interfaces.WORLD_EXECUTE_CHUNK, chunk=chunk()).result().sequences) == 3
