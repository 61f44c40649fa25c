"""One chunk's motion of an arm, from its first point to its last or to the reason why it was stopped."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
from adapt_core.kinematics import JointTrajectory
from adapt_core.safety import Rejection
from adapt_core.types import Vector

from adapt_interfaces.msg import Observation
from adapt_ros.convert import Joints, from_time
from adapt_ros.coroutines import Arrival
from adapt_ros.drivers.gripper_client import GripperClient
from adapt_ros.drivers.trajectory_client import TrajectoryClient
from adapt_ros.motion_gate import Fault

STAMP_S = 1e-3  # stamps and times that differ by less are the same
OFF_RAD, OFF_S = 0.1, 0.3  # a joint that far from its trajectory for that long: it is not followed
END_RAD = 0.05  # of a joint, around the trajectory's end
LATE_S = 2.0  # from the trajectory's end to being there
REST_RAD_S = 0.02
RESTING_S = 0.3  # how long to wait for the arm to come to rest after a stop


class ArmRun:
    """Hears joint states and observations, pursues the gripper, and ends: `end` arrives with a fault, or None.

    `sequences` are those of the first observation at or after each instant at which a pose is reached.
    """

    def __init__(
        self,
        trajectory: JointTrajectory,
        openings: Vector,
        joints: Joints,
        arm: TrajectoryClient,
        gripper: GripperClient,
        on_executed: Callable[[list[int]], None],
    ) -> None:
        """Begins at once from `joints`; `openings` (n,) belong to the trajectory's waypoints."""
        self._trajectory, self._openings = trajectory, openings
        self._joint_count = trajectory.positions.shape[1]
        self._arm, self._gripper, self._on_executed = arm, gripper, on_executed
        self._started_s = joints.stamp_s
        self._joints = joints
        self._followed_s = joints.stamp_s  # when the joints were on their trajectory last
        self._on_time_s = time.monotonic()  # when the trajectory was not yet over
        self._stopped_s: float | None = None  # by the monotonic clock
        self._fault: Fault | None = None
        self.sequences: list[int] = []
        self.end: Arrival[Fault | None] = Arrival()
        self._gripper.want(float(openings[0]))
        self._followed = arm.follow(trajectory)
        self._followed.end.then(self._look)

    def hear_joints(self, joints: Joints) -> None:
        """Newer joint states."""
        self._joints = joints
        if self._stopped_s is None:
            begun = int(np.searchsorted(self._trajectory.waypoint_times_s[:-1], self._elapsed_s + STAMP_S, "right"))
            self._gripper.want(float(self._openings[begun]))
            if self._off(self._elapsed_s).max() <= OFF_RAD:
                self._followed_s = joints.stamp_s
        self._look()

    def hear_observation(self, observation: Observation) -> None:
        """A newer one."""
        if self._stopped_s is not None:
            return
        seen_s = from_time(observation.header.stamp) - self._started_s + STAMP_S
        before = len(self.sequences)
        reached = int(np.searchsorted(self._trajectory.waypoint_times_s, seen_s, "right"))
        self.sequences += [observation.sequence] * (reached - before)
        if reached > before:
            self._on_executed(self.sequences)
        self._look()

    def stop(self, fault: Fault | None = None) -> None:
        """Bring the arm to rest, because of `fault` or because somebody wants that; the first reason counts."""
        if self._stopped_s is None and not self.end.there:
            self._stopped_s, self._fault = time.monotonic(), fault
            self._arm.brake(self._joints)
            self._followed.cancel()
            self._gripper.give_up()

    def _look(self) -> None:
        """Is it over?"""
        if self.end.there:
            return
        if self._stopped_s is not None:
            self._look_for_rest(self._stopped_s)
        elif self._followed.end.there and self._followed.end.get():
            self.stop((Rejection.ARM_FAILED, self._followed.end.get()))
        elif self._joints.stamp_s - self._followed_s > OFF_S:
            self.stop((Rejection.ARM_FAILED, f"the arm does not follow its trajectory: {self._how_far()}"))
        elif len(self.sequences) == len(self._openings) and self._is_there:
            self.end.set(None)
        elif self._late:
            self.stop((Rejection.ARM_FAILED, f"the arm did not come to the end of its trajectory: {self._how_far()}"))

    def _look_for_rest(self, stopped_s: float) -> None:
        waited_s = time.monotonic() - stopped_s
        if waited_s > RESTING_S or np.abs(self._joints.velocities[: self._joint_count]).max() < REST_RAD_S:
            self.end.set(self._fault)

    def check(self, silence: Fault | None) -> None:
        """Called again and again; `silence` says which sensor has fallen silent."""
        if silence is not None:
            self.stop(silence)
        self._look()

    @property
    def _elapsed_s(self) -> float:
        return self._joints.stamp_s - self._started_s

    @property
    def _late(self) -> bool:
        """By both clocks: simulated time may be far ahead of what is on its way."""
        if self._elapsed_s < self._trajectory.duration_s:
            self._on_time_s = time.monotonic()
        simulated_s = self._elapsed_s - self._trajectory.duration_s
        return min(simulated_s, time.monotonic() - self._on_time_s) > LATE_S

    @property
    def _is_there(self) -> bool:
        if self._arm.tells_the_end:
            return self._followed.end.there
        at_end = self._elapsed_s >= self._trajectory.duration_s - STAMP_S
        return at_end and bool(self._off(self._trajectory.duration_s).max() <= END_RAD)

    def _off(self, elapsed_s: float) -> Vector:
        """How far the joints (j,) are from where they should be [rad]."""
        wanted, _ = self._trajectory.at(elapsed_s)
        return np.asarray(np.abs(self._joints.positions[: self._joint_count] - wanted))

    def _how_far(self) -> str:
        off = self._off(self._elapsed_s)
        return f"joint {int(np.argmax(off)) + 1} is {off.max():.2f} rad away. See the log of its driver"
