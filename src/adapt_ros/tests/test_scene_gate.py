"""A real robot's episode waits for the person who sets up its scene."""

from __future__ import annotations

from typing import Any

import pytest

pytest.importorskip("rclpy")

from adapt_core.errors import CancelledByUserError
from adapt_ros.fakes.harness import Harness
from adapt_ros.interfaces import CONFIRM_SCENE, RESET_WORLD, SCENE_REQUEST
from adapt_ros.node import AdaptNode
from adapt_ros.scene_gate import SceneGate

pytestmark = pytest.mark.ros


class RealWorld(AdaptNode):
    """Resets when the scene is confirmed."""

    def __init__(self, **arguments: Any) -> None:
        super().__init__("arm_driver", **arguments)
        self._gate = SceneGate(self)
        self._server = RESET_WORLD.server(self, self._reset)

    async def _reset(self, request: Any, response: Any) -> Any:
        try:
            await self._gate.wait(request.task_id, request.seed)
            response.success = True
        except CancelledByUserError as error:
            response.message = str(error)
        return response


def test_a_reset_waits_until_its_own_scene_is_confirmed(harness: Harness) -> None:
    harness.add(RealWorld)
    heard = harness.hear(SCENE_REQUEST)
    assert "no episode waits" in harness.call(CONFIRM_SCENE, number=0, operator_name="ada").message
    reset = harness.ask(RESET_WORLD, task_id="push-red-cup", seed=3)
    harness.until(lambda: heard, "the request")
    assert (heard[0].number, heard[0].task_id, heard[0].seed, heard[0].waiting) == (1, "push-red-cup", 3, True)
    assert "operator_name" in harness.call(CONFIRM_SCENE, number=1).message
    assert "not wanted any more" in harness.call(CONFIRM_SCENE, number=7, operator_name="ada").message
    assert not reset.done()
    assert harness.call(CONFIRM_SCENE, number=1, operator_name="ada").success
    assert reset.result(30.0).success
    harness.until(lambda: len(heard) == 2 and not heard[1].waiting, "the end of waiting")


def test_a_later_episode_takes_the_place_of_one_that_waits(harness: Harness) -> None:
    harness.add(RealWorld)
    heard = harness.hear(SCENE_REQUEST)
    first = harness.ask(RESET_WORLD, task_id="push-red-cup")
    harness.until(lambda: heard, "the first request")
    second = harness.ask(RESET_WORLD, task_id="open-drawer")
    assert "open-drawer takes its place" in first.result(30.0).message
    assert harness.call(CONFIRM_SCENE, number=2, operator_name="ada").success
    assert second.result(30.0).success
