"""Motion enabled from a terminal, and commands that leave a real robot's permission to its operator."""

from __future__ import annotations

import threading
from typing import Any

import pytest

pytest.importorskip("rclpy")
pytest.importorskip("adapt_interfaces")

from adapt_cli.graph_session import GraphSession
from adapt_cli.motion_permission import motion_permitted
from adapt_core.errors import CancelledByUserError
from adapt_core.robots import load_robot
from adapt_ros.fakes.harness import Harness
from adapt_ros.interfaces import ENABLE_MOTION, GUARD_STATUS, RESET_WORLD, STOP
from adapt_ros.node import AdaptNode
from adapt_ros.nodes.guard import GuardNode
from adapt_ros.scene_gate import SceneGate

pytestmark = pytest.mark.ros
HARNESS_NAMESPACE = "/panda"


class RealArm(AdaptNode):
    """Resets when its scene is confirmed."""

    def __init__(self, **arguments: Any) -> None:
        super().__init__("arm_driver", **arguments)
        self._gate = SceneGate(self)
        self._server = RESET_WORLD.server(self, self._reset)

    async def _reset(self, request: Any, response: Any) -> Any:
        await self._gate.wait(request.task_id, request.seed)
        response.success = True
        return response


def in_thread(function: Any) -> tuple[threading.Thread, list[Any]]:
    """Run `function` beside the test; its results."""
    results: list[Any] = []
    thread = threading.Thread(target=lambda: results.append(function()), daemon=True)
    thread.start()
    return thread, results


def test_a_scene_is_confirmed_by_a_key_and_leaving_takes_the_permission_away(cli: Any, harness: Harness) -> None:
    harness.add(GuardNode, robot="panda", real=True, allow_real_robot=True)
    harness.add(RealArm)
    states = harness.hear(GUARD_STATUS)
    resets = [harness.ask(RESET_WORLD, task_id="push-red-cup")]
    thread, results = in_thread(lambda: cli("enable", "panda", keys="xyq"))
    harness.until(lambda: resets[0].done(), "the scene to be confirmed")
    harness.until(lambda: states[-1].enabled, "the lease")
    harness.ask(RESET_WORLD, task_id="open-drawer")
    thread.join(30)
    assert results[0].exit_code == 0, results[0].output
    assert "Set up the scene of push-red-cup" in results[0].output
    assert "Nobody is in the robot's reach" in results[0].output
    harness.until(lambda: not states[-1].enabled, "the lease to be given back")


def test_a_stop_ends_it(cli: Any, harness: Harness) -> None:
    harness.add(GuardNode, robot="panda")
    states = harness.hear(GUARD_STATUS)
    thread, results = in_thread(lambda: cli("enable", "panda"))
    harness.until(lambda: states and states[-1].enabled, "the lease")
    assert harness.call(STOP).success
    thread.join(30)
    assert "Stopped." in results[0].output
    harness.until(lambda: not states[-1].enabled, "the lease to lapse")


def test_a_robot_that_may_not_be_enabled(cli: Any, harness: Harness) -> None:
    harness.add(GuardNode, robot="panda", real=True)
    result = cli("enable", "panda")
    assert result.exit_code == 1
    assert "allow_real_robot" in result.stderr


def test_a_command_waits_for_the_operator_of_a_real_robot_and_holds_no_lease(harness: Harness) -> None:
    harness.add(GuardNode, robot="panda", real=True, allow_real_robot=True)
    states = harness.hear(GUARD_STATUS)
    begun, end = threading.Event(), threading.Event()

    def command() -> None:
        with GraphSession("/panda") as session, motion_permitted(session, load_robot("panda"), lambda: False):
            begun.set()
            end.wait(30)

    thread, _ = in_thread(command)
    assert not begun.wait(2.0)
    assert not any(state.enabled for state in states)
    assert harness.call(ENABLE_MOTION, enable=True, lease_s=1.0, operator_name="ada").success
    assert begun.wait(30)
    harness.until(lambda: not states[-1].enabled, "the operator's lease to lapse, as nobody else renews it")
    end.set()
    thread.join(30)


def test_waiting_for_the_operator_can_be_cancelled(harness: Harness) -> None:
    harness.add(GuardNode, robot="panda", real=True, allow_real_robot=True)
    with (
        GraphSession("/panda") as session,
        pytest.raises(CancelledByUserError),
        motion_permitted(session, load_robot("panda"), lambda: True),
    ):
        raise AssertionError("nobody has enabled it")
