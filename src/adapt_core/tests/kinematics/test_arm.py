"""Forward kinematics, and descriptions that do not fit."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
from adapt_core.arm_settings import Description
from adapt_core.errors import ConfigError
from adapt_core.kinematics.arm import ArmModel
from adapt_core.kinematics.description import find_file
from adapt_core.robots import Robot, load_robot
from hypothesis import given, settings
from hypothesis import strategies as st

STEP_RAD = 1e-6


def test_the_hand_at_home_is_where_the_panda_has_it(arm: ArmModel) -> None:
    pose = arm.forward(arm.home)
    np.testing.assert_allclose(pose[:3], [0.3069, 0.0, 0.4869], atol=2e-4)
    np.testing.assert_allclose(np.abs(pose[3:]), [1, 0, 0, 0], atol=1e-5)  # fingers down


@settings(max_examples=30)
@given(st.lists(st.floats(0, 1), min_size=7, max_size=7))
def test_the_jacobian_is_the_derivative_of_the_position(arm: ArmModel, shares: list[float]) -> None:
    q = arm.low + np.array(shares) * (arm.high - arm.low)
    moved = [arm.forward(q + STEP_RAD * np.eye(7)[joint])[:3] for joint in range(7)]
    slopes = (np.array(moved) - arm.forward(q)[:3]).T / STEP_RAD  # (3, 7)
    np.testing.assert_allclose(arm.jacobian(q)[:3], slopes, atol=1e-4)


def test_the_urdf_and_the_yaml_of_the_panda_agree(arm: ArmModel) -> None:
    np.testing.assert_allclose(arm.model.lowerPositionLimit, arm.low)
    np.testing.assert_allclose(arm.model.upperPositionLimit, arm.high)
    np.testing.assert_allclose(arm.model.velocityLimit, arm.settings.limits.velocity)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"urdf": "/nowhere/arm.urdf"}, "arm.urdf does not exist"),
        ({"urdf": "package://example-robot-data/arm.urdf"}, "install example-robot-data or correct the path"),
        ({"srdf": "/nowhere/arm.srdf"}, "arm.srdf does not exist"),
        ({"urdf": __file__}, "no URDF that Pinocchio can read"),
        ({"tcp_frame": "panda_hand_tpc"}, 'no frame "panda_hand_tpc", did you mean "panda_hand_tcp"'),
        ({"locked": {"panda_finger": 0.0}}, 'no joint "panda_finger", did you mean'),
        ({"locked": {}}, "the joints that move are .* under locked"),
        ({"joints": tuple(f"panda_joint{n}" for n in (2, 1, 3, 4, 5, 6, 7))}, "in this order"),
        ({"joints": ("panda_joint0",) * 7}, 'no joint "panda_joint0", did you mean "panda_joint'),
    ],
)
def test_a_description_that_does_not_fit_is_named(robot: Robot, change: dict[str, object], message: str) -> None:
    assert robot.arm is not None
    description: Description = replace(robot.arm.description, **change)  # type: ignore[arg-type]
    with pytest.raises(ConfigError, match=message):
        ArmModel(replace(robot.arm, description=description))


def test_a_robot_without_an_arm() -> None:
    with pytest.raises(ConfigError, match="metaworld has no arm"):
        ArmModel.of(load_robot("metaworld"))


def test_files_are_found_by_path_too(robot: Robot) -> None:
    assert robot.arm is not None
    path = find_file(robot.arm.description.urdf)
    assert find_file(str(path)) == path


def test_the_core_needs_no_pinocchio_until_an_arm_moves() -> None:
    code = """
import sys
sys.modules.update({"pinocchio": None, "ruckig": None, "coal": None})
import adapt_core.kinematics, adapt_core.robots, adapt_core.safety, adapt_core.kinematics.motion_limits
from adapt_core.errors import ConfigError
try:
    import adapt_core.kinematics.motion
except ConfigError as error:
    print(error)
"""
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "pip install pin" in result.stdout
