"""The arms of config/robots, each built once."""

from __future__ import annotations

import numpy as np
import pytest
from adapt_core.kinematics.arm import ArmModel
from adapt_core.robots import Robot, load_robot


@pytest.fixture(scope="session")
def robot() -> Robot:
    return load_robot("panda")


@pytest.fixture(scope="session")
def arm(robot: Robot) -> ArmModel:
    return ArmModel.of(robot)


@pytest.fixture(scope="session")
def reachable(arm: ArmModel, robot: Robot) -> np.ndarray:
    """Poses (300, 7) in the workspace, of random postures within the joint limits."""
    assert robot.workspace is not None
    rng = np.random.default_rng(7)
    poses: list[np.ndarray] = []
    while len(poses) < 300:
        pose = arm.forward(rng.uniform(arm.low, arm.high))
        if (pose[:3] >= robot.workspace.low).all() and (pose[:3] <= robot.workspace.high).all():
            poses.append(pose)
    return np.array(poses)
