"""An arm of joints: where its hand is, and how it moves when the joints do."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from adapt_core.arm_settings import Arm
from adapt_core.errors import ConfigError
from adapt_core.kinematics.collision import CollisionChecker
from adapt_core.kinematics.description import load_description
from adapt_core.kinematics.libraries import require
from adapt_core.kinematics.start_table import StartTable
from adapt_core.robots import KeepOut, Robot
from adapt_core.types import Vector

pin = require("pinocchio", "pin")
SWING_RAD = 0.005  # what a smooth path may swing beyond its waypoints


class ArmModel:
    """The kinematics of one arm. Poses are those of its TCP frame in the frame of the URDF's root link.

    It keeps scratch memory: one thread at a time.
    """

    def __init__(self, settings: Arm, keep_outs: Sequence[KeepOut] = ()) -> None:
        """The arm of `settings`, among boxes to keep out of. Raises ConfigError (missing URDF, wrong joint name)."""
        self.settings = settings
        self.model, geometry = load_description(settings.description)
        self.collisions = CollisionChecker(self.model, geometry, keep_outs, settings.description.margin_m)
        limits = settings.limits
        self.low, self.high = np.array(limits.position_low), np.array(limits.position_high)  # (j,) rad
        self.soft_low, self.soft_high = self.low + SWING_RAD, self.high - SWING_RAD  # where waypoints may lie
        self.home = np.array(settings.home)  # (j,) rad
        self._data = self.model.createData()
        self._tcp = self.model.getFrameId(settings.description.tcp_frame)

    @classmethod
    def of(cls, robot: Robot) -> ArmModel:
        """The arm of `robot` and its keep-outs. Raises ConfigError, also for a robot without an arm."""
        if robot.arm is None:
            raise ConfigError(f"robot {robot.name} has no arm: give its joints and limits under arm in its YAML")
        return cls(robot.arm, robot.keep_outs)

    @property
    def joint_names(self) -> tuple[str, ...]:
        """Names of the joints on the arm's interfaces, from base to hand."""
        return self.settings.joints

    @cached_property
    def starts(self) -> StartTable:
        """Postures to start the search for joint angles from; drawn once, in a fraction of a second."""
        return StartTable(self.place, self.low, self.high)

    def forward(self, q: Vector) -> Vector:
        """Pose (7,) x y z [m] qx qy qz qw of the TCP with the joints at `q` (j,) [rad]."""
        pin.forwardKinematics(self.model, self._data, q)
        pose: Vector = pin.SE3ToXYZQUAT(pin.updateFramePlacement(self.model, self._data, self._tcp))
        return pose

    def jacobian(self, q: Vector) -> NDArray[np.float64]:
        """How the TCP moves with the joints: (6, j), m/s then rad/s along the base's axes for 1 rad/s of each joint."""
        return self.place(q)[2]

    def place(self, q: Vector) -> tuple[Vector, NDArray[np.float64], NDArray[np.float64]]:
        """Position (3,) and rotation (3, 3) of the TCP and its Jacobian (6, j), in one go."""
        pin.computeJointJacobians(self.model, self._data, q)
        tcp = pin.updateFramePlacement(self.model, self._data, self._tcp)
        jacobian = pin.getFrameJacobian(self.model, self._data, self._tcp, pin.LOCAL_WORLD_ALIGNED)
        return tcp.translation, tcp.rotation, jacobian
