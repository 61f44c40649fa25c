"""What a robot's YAML says of its arm, under `arm:`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field, NonNegativeFloat, PositiveFloat

PerJoint = tuple[float, ...]  # one number a joint, in the order of `Arm.joints`
Share = Annotated[float, Field(gt=0, le=1)]


@dataclass(frozen=True)
class Description:
    """Where the arm's shape is written, and what its parts are called there.

    `urdf` and `srdf` are paths or `package://<package>/<path>`; the SRDF says which links may touch. `joints` run from the
    base to the hand; the joints of `locked` (the fingers) stand still at the position given, in rad or m. `tcp_frame` is
    the link whose pose is the end effector's. Links meet where less than `margin_m` is between them.
    """

    urdf: str
    srdf: str
    joints: tuple[str, ...]
    tcp_frame: str
    locked: Mapping[str, float] = field(default_factory=dict)
    margin_m: NonNegativeFloat = 0.005


@dataclass(frozen=True)
class JointLimits:
    """The most that each joint may do: `position` in rad, then rad/s, rad/s², rad/s³."""

    position_low: PerJoint
    position_high: PerJoint
    velocity: PerJoint
    acceleration: PerJoint
    jerk: PerJoint


@dataclass(frozen=True)
class MotionSettings:
    """How a plan's poses become one motion.

    `scale` of the velocity, acceleration and jerk limits is used. Between two poses no joint turns further than
    `joint_jump_rad`. Collisions are looked for wherever the joints together have turned by another `check_step_rad`. A
    trajectory has `rate_hz` points a second.
    """

    scale: Share = 0.2
    joint_jump_rad: PositiveFloat = 0.8
    check_step_rad: PositiveFloat = 0.01
    rate_hz: PositiveFloat = 100.0


@dataclass(frozen=True)
class Recovery:
    """What clears an error of the arm after a reflex: a service or an action of this name."""

    kind: Literal["service", "action"]
    name: str


@dataclass(frozen=True)
class ArmInterfaces:
    """Names in the ROS graph under which the arm is served, relative to `namespace` on the real robot.

    `errors` is the topic that says why the arm refuses to move, where its driver has one.

    Simulated and mock arms serve the same names in the graph's own namespace.
    """

    namespace: str
    joint_states: str
    trajectory_action: str
    trajectory_topic: str
    recovery: Recovery
    errors: str = "arm_errors"


class Hardware(StrEnum):
    """Who drives the real arm."""

    FRANKA_ROS2 = "franka_ros2"  # Franka's own drivers, started by the user
    PANDA_HARDWARE = "panda_hardware"  # our node over panda-python


@dataclass(frozen=True)
class RealArm:
    """The real arm: who drives it, and the address of its control (only for PANDA_HARDWARE)."""

    driver: Hardware = Hardware.FRANKA_ROS2
    host: str = "172.16.0.2"


@dataclass(frozen=True)
class Gripper:
    """The hand: the node that serves it (named as in `ArmInterfaces`), its joints, and its width in metres when open."""

    node: str
    joints: tuple[str, ...]
    open_width_m: PositiveFloat


@dataclass(frozen=True)
class MoveIt:
    """The MoveIt that finds the arm's motions when the executor is told so; its names are relative to `namespace`.

    `group` is the joints' name in its SRDF, `link` the end effector's in its URDF. `ways` says what it is asked for:
    "lines", the action for a straight line to each pose by `planner` of `pipeline`; or "cartesian", the service for one way
    through all poses, a posture at least every `step_m`. It may take `timeout_s` for a chunk.
    """

    group: str
    link: str
    namespace: str = "/"
    ways: Literal["lines", "cartesian"] = "lines"
    action: str = "move_action"
    pipeline: str = "pilz_industrial_motion_planner"
    planner: str = "LIN"
    service: str = "compute_cartesian_path"
    step_m: PositiveFloat = 0.01
    timeout_s: PositiveFloat = 10.0


@dataclass(frozen=True)
class Arm:
    """An arm of joints. `joints` are their names on its interfaces, `home` [rad] its comfortable posture.

    `moveit` is None where no MoveIt is configured for it.
    """

    joints: tuple[str, ...]
    home: PerJoint
    limits: JointLimits
    description: Description
    interfaces: ArmInterfaces
    gripper: Gripper
    motion: MotionSettings = MotionSettings()
    moveit: MoveIt | None = None
    real: RealArm = RealArm()


def contradictions(arm: Arm) -> Iterator[str]:
    """One sentence, the key in front, for each thing in `arm` that cannot be."""
    limits, count = arm.limits, len(arm.joints)
    columns = {"home": arm.home, "description.joints": arm.description.joints}
    columns |= {f"limits.{key}": value for key, value in vars(limits).items()}
    short = [name for name, column in columns.items() if len(column) != count]
    yield from (f"arm.{name}: must have one entry for each of the {count} joints" for name in short)
    if short:
        return
    for key in ("velocity", "acceleration", "jerk"):
        if any(value <= 0 for value in getattr(limits, key)):
            yield f"arm.limits.{key}: each number must be above 0"
    for joint, low, home, high in zip(arm.joints, limits.position_low, arm.home, limits.position_high, strict=True):
        if low >= high:
            yield f"arm.limits: position_low of {joint} must be below its position_high"
        elif not low <= home <= high:
            yield f"arm.home: {joint} stands at {home} rad; its limits are {low} to {high}"
