"""What the operator of an arm types: against a guard and an arm_driver that only listen, over DDS."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("rclpy")
pytest.importorskip("adapt_interfaces")

from adapt_core.types import VideoPlan
from adapt_ros.convert import to_pose, to_video_plan
from adapt_ros.fakes.harness import Harness
from adapt_ros.interfaces import APPROVE_MOTION, MOTION_PREVIEW, RECOVER, RESET_STOP, STOP
from adapt_ros.node import AdaptNode

from adapt_interfaces.msg import MotionPreview

pytestmark = pytest.mark.ros
HARNESS_NAMESPACE = "/panda"
HASH = "0123456789abcdef" * 4


class Listener(AdaptNode):
    """A guard and an arm_driver that write down what they are asked, and object where `objection` is not empty."""

    def __init__(self, name: str, **node_arguments: Any) -> None:
        super().__init__(name, **node_arguments)
        self.heard: list[Any] = []
        self.objection = ""
        self._previews = MOTION_PREVIEW.publisher(self)
        served = (APPROVE_MOTION, STOP, RESET_STOP) if name == "guard" else (RECOVER,)
        self._servers = [service.server(self, self._answer_to(service.name)) for service in served]

    def show(self, preview: MotionPreview) -> None:
        self._previews.publish(preview)

    def _answer_to(self, name: str) -> Any:
        def answer(request: Any, response: Any) -> Any:
            self.heard.append((name, request))
            response.success, response.message = not self.objection, self.objection
            return response

        return answer


@pytest.fixture
def guard(harness: Harness, tmp_path: Path) -> Listener:
    sail = harness.add(AdaptNode, "sail", run=str(tmp_path / "run"))
    sail.declare_parameter("run", str(tmp_path / "run"))
    return harness.add(Listener, "guard")


def preview_of(frames: int = 3) -> MotionPreview:
    poses = [to_pose(np.array([0.4 + 0.01 * step, 0.0, 0.3, 0.0, 0.0, 0.0, 1.0, 1.0]))[0] for step in range(5)]
    message = MotionPreview(plan_hash=HASH, poses=poses, reached_s=[0.5, 1.0], gripper_openings=[1.0, 1.0])
    if frames:
        imagined = np.zeros((frames, 64, 64, 3), np.uint8)
        message.plan = to_video_plan(VideoPlan(imagined, "push", "push the cup", 0, "base"))
    return message


@pytest.mark.parametrize(("keys", "approved"), [("y", True), ("xn", False)])
def test_a_key_answers_the_motion_that_is_shown(
    cli, guard: Listener, tmp_path: Path, keys: str, approved: bool
) -> None:
    guard.show(preview_of())
    result = cli("approve", "panda", "--once", keys=keys)
    assert result.exit_code == 0, result.output
    [(name, request)] = guard.heard
    assert (name, request.plan_hash, request.approve) == ("approve_motion", HASH, approved)
    assert request.operator_name
    assert "2 poses in 1.0 s" in result.output
    assert "push the cup" in result.output
    assert (tmp_path / "run" / "previews" / f"{HASH[:12]}.png").stat().st_size > 1000


def test_leaving_answers_nothing(cli, guard: Listener) -> None:
    guard.show(preview_of(frames=0))
    result = cli("approve", "panda", keys="q")
    assert result.exit_code == 0, result.output
    assert "no picture" in result.output
    assert not guard.heard


def test_without_a_terminal_it_says_where_to_answer(cli, guard: Listener, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_terminal() -> str:
        raise OSError(6, "No such device or address: '/dev/tty'")

    monkeypatch.setattr("typer.getchar", no_terminal)
    guard.show(preview_of())
    result = cli("approve", "panda", "--once")
    assert result.exit_code == 1
    assert "adapt panel" in result.stderr
    assert not guard.heard


def test_what_the_guard_objects_is_shown(cli, guard: Listener) -> None:
    guard.objection = "this motion waits no longer"
    guard.show(preview_of())
    assert "this motion waits no longer" in cli("approve", "panda", "--once", keys="y").output


@pytest.mark.parametrize("command", ["stop", "reset-stop"])
def test_one_line_stops_and_resets(cli, guard: Listener, command: str) -> None:
    result = cli(command, "panda")
    assert result.exit_code == 0, result.output
    assert [name for name, _ in guard.heard] == [command.replace("-", "_")]


def test_recover_says_why_it_cannot(cli, harness: Harness) -> None:
    driver = harness.add(Listener, "arm_driver")
    assert cli("recover", "panda").exit_code == 0
    driver.objection = "the emergency stop is pressed: release it first"
    result = cli("recover", "panda")
    assert result.exit_code == 1
    assert "release it first" in result.stderr
    assert [name for name, _ in driver.heard] == ["recover", "recover"]
