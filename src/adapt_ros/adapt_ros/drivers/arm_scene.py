"""An arm in a scene whose time passes in steps."""

from __future__ import annotations

from typing import Protocol

from adapt_core.types import Image

from adapt_ros.drivers.arm_hardware import ArmHardware


class ArmScene(Protocol):
    """Made and used in one thread. A scene is laid before anything else is asked."""

    @property
    def arm(self) -> ArmHardware:
        """The arm in the present scene; another one after another `lay`."""
        ...

    @property
    def success(self) -> bool:
        """The task is done at this instant."""
        ...

    def lay(self, task_id: str, seed: int) -> None:
        """Lay the scene of a task and a seed, the arm at home and without errors. Raises UnknownTaskError."""
        ...

    def advance(self, duration_s: float) -> None:
        """Let time pass. Raises MotionStoppedError when the arm stopped itself; time has passed all the same."""
        ...

    def image(self) -> Image:
        """What the camera sees now: (h, w, 3) of the robot's image."""
        ...

    def close(self) -> None:
        """Release what drawing needs."""
        ...
