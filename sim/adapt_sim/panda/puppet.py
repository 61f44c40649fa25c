"""The Panda's hand led along a path without simulating anything: what it pushes or pulls comes along.

Eight times cheaper than physics, and good enough for a prior that learns what words and looks mean, not contacts.
"""

from __future__ import annotations

import numpy as np
from adapt_core.kinematics.arm import ArmModel
from adapt_core.kinematics.inverse import solve
from adapt_core.types import Vector

from adapt_sim.panda.cups import HEIGHT_M, RADIUS_M, CupScene
from adapt_sim.panda.drawers import STEM_LENGTH_M, TRAVEL_M, WALL_M, DrawerScene
from adapt_sim.panda.gripper import MAX_WIDTH_M
from adapt_sim.panda.station import Station
from adapt_sim.panda.tabletop_tasks import Scene

FINGER_M = 0.011  # from the TCP to where a finger pushes
ASIDE_M = 0.03  # a cup that is farther to the side is not pushed
CLOSED = 0.2  # opening at which the fingers hold a stem, half as wide as it is


class Puppet:
    """A station's arm and things, put from place to place."""

    def __init__(self, station: Station, kinematics: ArmModel, scene: Scene) -> None:
        """Begin with the arm where it is in `station`, and the things as in `scene`."""
        self._station, self._kinematics, self._scene = station, kinematics, scene
        self._joints = station.arm.positions
        self._moved_m = np.zeros(len(scene.colours))

    def place(self, pose: Vector, opening: float) -> None:
        """The TCP to `pose` (7,), the fingers to `opening`, 0 to 1. Raises PlanRejectedError out of reach."""
        self._joints = solve(self._kinematics, pose, self._joints)
        named, held = self._scene.named, isinstance(self._scene, DrawerScene) and opening < CLOSED
        if isinstance(self._scene, CupScene):
            self._moved_m[named] = max(self._moved_m[named], _pushed_m(self._scene.positions[named], pose))
        elif held:
            self._moved_m[named] = np.clip(
                _stem_x_m(self._scene.fronts[named]) - pose[0], self._moved_m[named], TRAVEL_M
            )
        width_m = 0.5 * CLOSED * MAX_WIDTH_M if held else opening * MAX_WIDTH_M
        self._station.put(self._scene, self._moved_m, self._joints, width_m)


def _pushed_m(cup: Vector, pose: Vector) -> float:
    """How far forward of `cup` (2,) [m] a hand at `pose` pushes it."""
    beside = abs(pose[1] - cup[1]) > ASIDE_M or pose[2] > HEIGHT_M
    return 0.0 if beside else float(max(0.0, pose[0] + FINGER_M + RADIUS_M - cup[0]))


def _stem_x_m(front: Vector) -> float:
    """Where the middle of the handle's stem is while the drawer with this `front` (3,) is shut."""
    return float(front[0] - WALL_M - STEM_LENGTH_M / 2)
