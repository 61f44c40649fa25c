"""The names in the ROS graph under which a robot is served."""

from __future__ import annotations

from dataclasses import dataclass

from adapt_core.arm_settings import Arm


@dataclass(frozen=True)
class ArmNames:
    """Full names; `trajectory_topic` is what is used where the controller has no action."""

    joint_states: str
    trajectory_action: str
    trajectory_topic: str
    grasp: str
    move: str

    @classmethod
    def of(cls, arm: Arm, namespace: str) -> ArmNames:
        """With the drivers in `namespace`."""

        def full(name: str) -> str:
            return f"/{namespace.strip('/')}/{name}".replace("//", "/")

        return cls(
            full(arm.interfaces.joint_states),
            full(arm.interfaces.trajectory_action),
            full(arm.interfaces.trajectory_topic),
            full(f"{arm.gripper.node}/grasp"),
            full(f"{arm.gripper.node}/move"),
        )
