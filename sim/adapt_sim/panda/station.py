"""A table with things on it and the arm at it."""

from __future__ import annotations

from adapt_sim.panda.arm_simulation import ArmSimulation
from adapt_sim.panda.external_camera import ExternalCamera
from adapt_sim.panda.look import LookOfScene
from adapt_sim.panda.tabletop_tasks import Tabletop


class Station:
    """One table with its things, the arm at it, and how both are seen; compiled once and laid anew for each scene."""

    def __init__(self, things: str) -> None:
        """`things` are "cups" or "drawers"."""
        self.tabletop = Tabletop(things)
        self.arm = ArmSimulation(self.tabletop.model)
        self.camera = ExternalCamera(self.tabletop.model)
        self.look = LookOfScene(self.tabletop.model)
