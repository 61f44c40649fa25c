"""The Panda's table with all that can stand on it: scenes are laid, the arm moves, the camera looks."""

from __future__ import annotations

import numpy as np
from adapt_core.types import Image, Vector

from adapt_sim.panda.arm_simulation import ArmSimulation
from adapt_sim.panda.look import Look
from adapt_sim.panda.station import Station
from adapt_sim.panda.tabletop_tasks import Scene, tabletop_task


class PandaTable:
    """Lay a scene first: there is nothing before."""

    def __init__(self, randomise_seed: int | None = None, look: Look | None = None) -> None:
        """With `randomise_seed` each scene has another look, as far as `look` says."""
        self._randomise_seed = randomise_seed
        self._look = look or Look()
        self._stations: dict[str, Station] = {}
        self._station: Station | None = None
        self._scene: Scene | None = None

    @property
    def station(self) -> Station:
        """What was laid, as it was compiled."""
        assert self._station is not None, "lay a scene first"
        return self._station

    @property
    def arm(self) -> ArmSimulation:
        """The arm in the present scene: another one in front of other things."""
        return self.station.arm

    @property
    def scene(self) -> Scene:
        """What was laid."""
        assert self._scene is not None, "lay a scene first"
        return self._scene

    @property
    def success(self) -> bool:
        """Whether the scene's task is done at this instant (not latched)."""
        return self.station.tabletop.success(self.arm.data)

    def lay(self, task_id: str, seed: int, home: Vector) -> None:
        """Lay the scene of a task and a seed, a function of both only, with the arm at `home` (7,) [rad].

        Raises UnknownTaskError.
        """
        task = tabletop_task(task_id)
        if task.things not in self._stations:
            self._stations[task.things] = Station(task.things)
        if self._station is not self._stations[task.things]:
            self.close()  # before another one draws
        self._station, self._scene = self._stations[task.things], task.scene(seed)
        self._station.look.restore()
        if self._randomise_seed is not None:
            self._scene = task.mixed_scene(seed)
            self._station.look.change(self._look, np.random.default_rng([self._randomise_seed, *self._scene.key]))
        self.arm.reset(home)
        self._station.tabletop.lay(self.arm.data, self._scene)

    def camera_image(self) -> Image:
        """What the external camera sees now, (480, 640, 3)."""
        return self.station.camera.image(self.arm.data)

    def close(self) -> None:
        """Release the renderer. A second call does nothing; the next image opens it again."""
        for station in self._stations.values():
            station.camera.close()
