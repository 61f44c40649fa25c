"""What an arm can do, whoever it is: a simulated, a mock or a real one."""

from __future__ import annotations

from typing import Protocol

from adapt_core.kinematics import JointTrajectory
from adapt_core.kinematics.joint_state import JointState


class GripperHardware(Protocol):
    """Two fingers. Commands return at once, and a new one replaces the one before."""

    @property
    def width_m(self) -> float:
        """The measured distance between the fingers."""
        ...

    @property
    def busy(self) -> bool:
        """A command is being pursued."""
        ...

    @property
    def succeeded(self) -> bool:
        """The last command ended as asked: at its width after `move`, holding something after `grasp`."""
        ...

    def move(self, width_m: float, speed_m_s: float) -> None:
        """Open or close to `width_m`. Raises PlanRejectedError for what the gripper cannot do."""
        ...

    def grasp(self, width_m: float, speed_m_s: float, force_n: float, inner_m: float, outer_m: float) -> None:
        """Close until `force_n` holds something from `inner_m` less to `outer_m` more than `width_m` wide.

        Raises PlanRejectedError.
        """
        ...

    def stop(self) -> None:
        """Give up the command."""
        ...


class ArmHardware(Protocol):
    """An arm of joints and its gripper, used by one thread. Nothing blocks for longer than a tenth of a second."""

    @property
    def gripper(self) -> GripperHardware:
        """The hand."""
        ...

    @property
    def joint_state(self) -> JointState:
        """What the joints do now: the arm's in the order of its YAML, then the gripper's."""
        ...

    @property
    def moving(self) -> bool:
        """A trajectory is being followed."""
        ...

    @property
    def errors(self) -> tuple[str, ...]:
        """Why the arm refuses to move until it is recovered, a sentence each; empty when it does not."""
        ...

    def start(self, trajectory: JointTrajectory) -> None:
        """Follow `trajectory` from now on, instead of the one before.

        Raises PlanRejectedError for what the arm cannot do, MotionStoppedError while there are errors.
        """
        ...

    def halt(self) -> None:
        """Give up the trajectory and hold the present position."""
        ...

    def recover(self) -> None:
        """Clear the errors. Raises MotionStoppedError when they stay."""
        ...
