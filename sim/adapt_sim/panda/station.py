"""A table with things on it and the arm at it."""

from __future__ import annotations

import mujoco
from adapt_core.types import Vector

from adapt_sim.panda.arm_simulation import ArmSimulation
from adapt_sim.panda.external_camera import ExternalCamera
from adapt_sim.panda.gripper import MAX_WIDTH_M
from adapt_sim.panda.look import LookOfScene
from adapt_sim.panda.tabletop_tasks import Scene, Tabletop


class Station:
    """One table with its things, the arm at it, and how both are seen; compiled once and laid anew for each scene."""

    def __init__(self, things: str) -> None:
        """`things` are "cups" or "drawers"."""
        self.tabletop = Tabletop(things)
        self.arm = ArmSimulation(self.tabletop.model)
        self.camera = ExternalCamera(self.tabletop.model)
        self.look = LookOfScene(self.tabletop.model)

    def put(self, scene: Scene, moved_m: Vector, joints: Vector, width_m: float = MAX_WIDTH_M) -> None:
        """Lay `scene` with each thing moved (n,), cups forward, drawers open, and the arm at `joints` (7,) [rad]."""
        self.arm.reset(joints, width_m)
        self.tabletop.lay(self.arm.data, scene)
        self.tabletop.things.move(self.arm.data, moved_m)
        mujoco.mj_forward(self.arm.model, self.arm.data)
