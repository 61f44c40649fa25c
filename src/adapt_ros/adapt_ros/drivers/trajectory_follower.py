"""A thread that leads a controller along a trajectory."""

from __future__ import annotations

import threading
import time
from typing import Any

import numpy as np
from adapt_core.kinematics import JointTrajectory
from adapt_core.kinematics.braking import brake
from adapt_core.kinematics.motion_limits import MotionLimits
from adapt_core.types import Vector

PERIOD_S = 0.002  # between two set points; the library's controller makes torques of them every millisecond
SETTLE_S = 0.1  # after its end a trajectory's last point is held, for the arm to arrive there
LATE_S = 0.1  # a set point so late means that this computer stood still: brake rather than jump


class TrajectoryFollower(threading.Thread):
    """Tells a controller where the joints shall be, from when it is started to the end of the trajectory."""

    def __init__(self, controller: Any, trajectory: JointTrajectory, limits: MotionLimits) -> None:
        """`controller` is one with `set_control(positions, velocities)`; it brakes within `limits` when it was late."""
        super().__init__(name="panda_follower", daemon=True)
        self._controller, self._limits = controller, limits
        self._lock = threading.Lock()
        self._ended = threading.Event()
        self.replace(trajectory)

    def replace(self, trajectory: JointTrajectory) -> None:
        """Follow this one from now on."""
        with self._lock:
            self._trajectory, self._began_s = trajectory, time.monotonic()
            self._told_s = self._began_s

    def now(self) -> tuple[Vector, Vector]:
        """Where the joints shall be now, and how fast."""
        with self._lock:
            return self._trajectory.at(time.monotonic() - self._began_s)

    def end(self) -> None:
        """Tell no more, and wait until that is so."""
        self._ended.set()
        self.join()

    def run(self) -> None:
        """The thread's work."""
        while not self._ended.is_set() and self._tell():
            time.sleep(PERIOD_S)

    def _tell(self) -> bool:
        """One set point; whether there are more."""
        with self._lock:
            now_s = time.monotonic()
            if now_s - self._told_s > LATE_S:
                self._brake(now_s)
            self._told_s = now_s
            time_s = now_s - self._began_s
            positions, velocities = self._trajectory.at(time_s)
            last = time_s >= self._trajectory.duration_s + SETTLE_S
        self._controller.set_control(positions, velocities)
        return not last

    def _brake(self, now_s: float) -> None:
        """Go on from the set point told last, and come to rest."""
        positions, velocities = self._trajectory.at(self._told_s - self._began_s)
        self._trajectory, self._began_s = braking(positions, velocities, self._limits), now_s


def braking(positions: Vector, velocities: Vector, limits: MotionLimits) -> JointTrajectory:
    """From there to rest at the full acceleration."""
    end = brake(positions, velocities, limits)
    rate = np.tile(-velocities / end.duration_s, (2, 1))
    rows = np.vstack([positions, end.positions]), np.vstack([velocities, end.velocities])
    return JointTrajectory(np.array([0.0, end.duration_s]), *rows, rate)
