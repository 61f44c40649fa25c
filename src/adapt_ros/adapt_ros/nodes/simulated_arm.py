"""A simulated Panda at its table, behind the interfaces of its drivers."""

from __future__ import annotations

from typing import Any

from adapt_core.errors import ConfigError
from adapt_core.robots import Robot
from adapt_core.types import Image

from adapt_ros.drivers.arm_hardware import ArmHardware
from adapt_ros.drivers.arm_scene import ArmScene
from adapt_ros.drivers.stepped_arm import SteppedArmNode
from adapt_ros.run_node import run_node


class SimulatedScene:
    """See ArmScene: the Panda's table in MuJoCo."""

    def __init__(self, robot: Robot) -> None:
        """Raises ConfigError for settings that the Panda's world does not have."""
        from adapt_sim import make_world  # imports MuJoCo

        self._world: Any = make_world(robot.world, **{"image_size": robot.camera.height, **robot.world_settings})
        if not hasattr(type(self._world), "arm"):
            raise ConfigError(f"the world {robot.world} has no arm to drive: leave arm out of the YAML of {robot.name}")

    @property
    def arm(self) -> ArmHardware:
        """The arm in the present scene."""
        arm: ArmHardware = self._world.arm
        return arm

    @property
    def success(self) -> bool:
        """The task is done at this instant."""
        return bool(self._world.success)

    def lay(self, task_id: str, seed: int) -> None:
        """Raises UnknownTaskError."""
        self._world.reset(task_id, seed)

    def advance(self, duration_s: float) -> None:
        """Raises MotionStoppedError when a reflex stopped the arm."""
        self._world.arm.advance(duration_s)

    def image(self) -> Image:
        """The square cut out of the camera's image."""
        image: Image = self._world.image()
        return image

    def close(self) -> None:
        """Release OpenGL."""
        self._world.close()


class SimulatedArmNode(SteppedArmNode):
    """The Panda of `adapt_sim`."""

    def __init__(self, **node_arguments: Any) -> None:
        super().__init__("simulated_arm", **node_arguments)

    def make_scene(self) -> ArmScene:
        """The table."""
        return SimulatedScene(self.robot)


def main() -> None:
    """Entry point."""
    run_node(SimulatedArmNode)


if __name__ == "__main__":
    main()
