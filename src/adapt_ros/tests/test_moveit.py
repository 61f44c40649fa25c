"""The MoveIt backend against a fake MoveIt over DDS; what needs none of its messages is tested everywhere."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from adapt_core.errors import ConfigError, PlanRejectedError
from adapt_core.kinematics import JointTrajectory
from adapt_core.kinematics.arm import ArmModel
from adapt_core.kinematics.motion_check import check_motion
from adapt_core.robots import Robot, load_robot
from adapt_core.safety import Rejection
from adapt_core.types import ActionChunk, ActionSpace

pytest.importorskip("rclpy")
pytest.importorskip("adapt_interfaces")

from adapt_ros.convert import to_chunk
from adapt_ros.endpoints import Topic
from adapt_ros.fakes.harness import PATIENCE_S, Harness
from adapt_ros.interfaces import EXECUTE_CHUNK, GUARD_EXECUTE_CHUNK, SENSOR
from adapt_ros.moveit.error_codes import SENTENCES, SUCCESS, refuse_moveit
from adapt_ros.moveit.planner import MoveItPlanner
from adapt_ros.node import AdaptNode
from adapt_ros.nodes.executor import ExecutorNode
from sensor_msgs.msg import JointState

pytestmark = pytest.mark.ros
ROBOT = load_robot("panda")
MISSING = "the messages of MoveIt come with a full ROS installation, not with the wheels"


@pytest.fixture(scope="module")
def robot() -> Robot:
    return ROBOT


@pytest.fixture(scope="module")
def arm(robot: Robot) -> ArmModel:
    return ArmModel.of(robot)


def chunk_of(robot: Robot, arm: ArmModel) -> ActionChunk:
    """Forward, down and to the side; the last pose twice."""
    moves = ((0.04, 0.0, -0.02), (0.08, 0.0, -0.04), (0.08, 0.06, -0.04), (0.08, 0.06, -0.04))
    poses = arm.forward(arm.home) + np.pad(np.array(moves), ((0, 0), (0, 4)))
    actions = np.column_stack([poses, np.ones(len(poses))])
    return ActionChunk(ActionSpace.END_EFFECTOR, actions, robot.frame_skip, robot.frame_id)


def settings_with(robot: Robot, **changes: Any) -> Robot:
    assert robot.arm is not None
    assert robot.arm.moveit is not None
    return replace(robot, arm=replace(robot.arm, moveit=replace(robot.arm.moveit, **changes)))


def plan(harness: Harness, robot: Robot, chunk: ActionChunk, arm: ArmModel) -> JointTrajectory:
    planner = harness.me.in_executor(MoveItPlanner, harness.me, robot).result(PATIENCE_S)
    harness.until(lambda: planner._lines.server_is_ready() and planner._path.service_is_ready(), "MoveIt")
    motion: JointTrajectory = harness.me.in_executor(planner.plan, chunk, arm.home).result(PATIENCE_S)
    return motion


@pytest.fixture
def moveit(harness: Harness) -> Any:
    pytest.importorskip("moveit_msgs", reason=MISSING)
    from adapt_ros.fakes.moveit import FakeMoveIt

    return harness.add(FakeMoveIt)


@pytest.mark.parametrize("ways", ["lines", "cartesian"])
def test_a_chunk_becomes_one_motion(harness: Harness, moveit: Any, robot: Robot, arm: ArmModel, ways: str) -> None:
    chunk = chunk_of(robot, arm)
    motion = plan(harness, settings_with(robot, ways=ways), chunk, arm)
    assert len(moveit.asked) == (3 if ways == "lines" else 1)
    check_motion(arm, chunk, motion, arm.home)  # as the guard does
    for time_s, action in zip(motion.waypoint_times_s, chunk.actions, strict=True):
        assert np.abs(arm.forward(motion.at(time_s)[0]) - action[:7]).max() < 2e-3
    assert np.abs(motion.at(motion.waypoint_times_s[0])[1]).max() > 0.01, "it stops at a pose on the way"


def test_it_asks_to_plan_only_as_fast_as_the_robot_may(
    harness: Harness, moveit: Any, robot: Robot, arm: ArmModel
) -> None:
    plan(harness, robot, chunk_of(robot, arm), arm)
    for goal in moveit.asked:
        assert goal.planning_options.plan_only
        request = goal.request
        assert (request.pipeline_id, request.planner_id) == ("pilz_industrial_motion_planner", "LIN")
        assert request.group_name == "panda_arm"
        assert request.max_velocity_scaling_factor == request.max_acceleration_scaling_factor == 0.2
        [at] = request.goal_constraints
        assert [c.link_name for c in (*at.position_constraints, *at.orientation_constraints)] == ["panda_hand_tcp"] * 2
        assert at.position_constraints[0].header.frame_id == robot.frame_id


class Guard(AdaptNode):
    """Takes every motion, and says where the joints are."""

    def __init__(self, **node_arguments: Any) -> None:
        super().__init__("guard", **node_arguments)
        assert ROBOT.arm is not None
        self.goals: list[Any] = []
        self._joints = JointState(name=list(ROBOT.arm.joints), position=list(ROBOT.arm.home))
        self._states = self.create_publisher(JointState, ROBOT.arm.interfaces.joint_states, 10)
        self._server = GUARD_EXECUTE_CHUNK.server(self, self._take)
        self.steady_timer(0.02, lambda: self._states.publish(self._joints))

    async def _take(self, goal: Any) -> Any:
        self.goals.append(goal.request)
        goal.succeed()
        return GUARD_EXECUTE_CHUNK.type.Result()


def test_the_executor_hands_its_motion_to_the_guard(harness: Harness, moveit: Any, robot: Robot, arm: ArmModel) -> None:
    guard = harness.add(Guard)
    harness.add(ExecutorNode, robot="panda", executor="moveit")
    states = harness.hear(Topic("joint_states", JointState, SENSOR))
    harness.until(lambda: states, "joint states")
    message = to_chunk(chunk_of(robot, arm))
    result = harness.send(EXECUTE_CHUNK, chunk=message).result()
    assert result.code == "", result.message
    [goal] = guard.goals
    assert list(goal.motion.trajectory.joint_names) == list(arm.joint_names)
    assert len(goal.motion.reached_s) == 4
    moveit.code = -31
    result = harness.send(EXECUTE_CHUNK, chunk=message).result()
    assert (result.code, result.rejected) == ("out_of_reach", True)
    assert "no joint angles" in result.message
    assert len(guard.goals) == 1


@pytest.mark.parametrize("ways", ["lines", "cartesian"])
@pytest.mark.parametrize(
    ("spoilt", "code", "said"),
    [
        ({"code": -31}, Rejection.OUT_OF_REACH, "no joint angles"),
        ({"code": -12}, Rejection.SELF_COLLISION, "would collide"),
        ({"joints": ("panda_joint1", "panda_joint2")}, Rejection.WRONG_SHAPE, "arm.moveit"),
    ],
)
def test_what_it_answers_badly_is_refused(
    harness: Harness,
    moveit: Any,
    robot: Robot,
    arm: ArmModel,
    ways: str,
    spoilt: dict[str, Any],
    code: Rejection,
    said: str,
) -> None:
    for name, value in spoilt.items():
        setattr(moveit, name, value)
    with pytest.raises(PlanRejectedError, match=said) as refused:
        plan(harness, settings_with(robot, ways=ways), chunk_of(robot, arm), arm)
    assert refused.value.code == code


@pytest.mark.parametrize(("ways", "said"), [("lines", "begins 0.200 rad away"), ("cartesian", "misses pose 0")])
def test_a_way_beside_the_poses_is_refused(
    harness: Harness, moveit: Any, robot: Robot, arm: ArmModel, ways: str, said: str
) -> None:
    moveit.off_rad = 0.2
    with pytest.raises(PlanRejectedError, match=said):
        plan(harness, settings_with(robot, ways=ways), chunk_of(robot, arm), arm)


def test_a_part_of_the_way_is_no_way(harness: Harness, moveit: Any, robot: Robot, arm: ArmModel) -> None:
    moveit.fraction = 0.7
    with pytest.raises(PlanRejectedError, match="70%") as refused:
        plan(harness, settings_with(robot, ways="cartesian"), chunk_of(robot, arm), arm)
    assert refused.value.code == Rejection.NO_MOTION


@pytest.mark.parametrize("ways", ["lines", "cartesian"])
def test_a_silent_moveit_is_not_waited_for(
    harness: Harness, moveit: Any, robot: Robot, arm: ArmModel, ways: str
) -> None:
    moveit.silent = True
    with pytest.raises(PlanRejectedError, match=r"not answered within 0\.2 s") as refused:
        plan(harness, settings_with(robot, ways=ways, timeout_s=0.2), chunk_of(robot, arm), arm)
    assert refused.value.code == Rejection.PEER_LOST
    if ways == "lines":
        harness.until(lambda: moveit.cancelled, "the goal to be cancelled")


def test_without_moveit_it_says_how_to_start_it(harness: Harness, robot: Robot, arm: ArmModel) -> None:
    pytest.importorskip("moveit_msgs", reason=MISSING)
    planner = harness.me.in_executor(MoveItPlanner, harness.me, robot).result(PATIENCE_S)
    with pytest.raises(PlanRejectedError, match="start it") as refused:
        harness.me.in_executor(planner.plan, chunk_of(robot, arm), arm.home).result(PATIENCE_S)
    assert refused.value.code == Rejection.PEER_LOST


def test_a_robot_without_moveit_is_told(harness: Harness, robot: Robot) -> None:
    pytest.importorskip("moveit_msgs", reason=MISSING)
    assert robot.arm is not None
    bare = replace(robot, arm=replace(robot.arm, moveit=None))
    with pytest.raises(ConfigError, match=r"arm\.moveit"):
        harness.me.in_executor(MoveItPlanner, harness.me, bare).result(PATIENCE_S)


def test_without_its_messages_it_says_what_to_install(harness: Harness, robot: Robot) -> None:
    try:
        import moveit_msgs  # noqa: F401
    except ImportError:
        with pytest.raises(ConfigError, match="ros-jazzy-moveit-msgs"):
            harness.me.in_executor(MoveItPlanner, harness.me, robot).result(PATIENCE_S)
    else:
        pytest.skip("the messages of MoveIt are installed")


@pytest.mark.parametrize("value", [*SENTENCES, -999])
def test_every_code_becomes_a_sentence_that_says_what_to_do(value: int) -> None:
    with pytest.raises(
        PlanRejectedError, match=rf"way to pose 2: .+ \[MoveItErrorCodes {value}\] \(detail\)"
    ) as refused:
        refuse_moveit(value, "detail", "on the way to pose 2")
    assert refused.value.code in list(Rejection)


def test_success_is_no_refusal() -> None:
    refuse_moveit(SUCCESS, "", "")


def test_all_codes_of_the_messages_are_known() -> None:
    messages = pytest.importorskip("moveit_msgs.msg", reason=MISSING)
    constants = [getattr(messages.MoveItErrorCodes, name) for name in dir(messages.MoveItErrorCodes) if name.isupper()]
    there = {value for value in constants if isinstance(value, int)}
    assert there <= {SUCCESS, *SENTENCES}
    assert len(there) > 25
