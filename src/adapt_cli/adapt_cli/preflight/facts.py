"""What was seen and heard of a graph within a few seconds."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Sender:
    """A node as its heartbeats tell: its machine, its middleware, and how far its clock is behind ours, in seconds.

    Of `behind_s` a part is the network's: it is the least of all that were heard, and negative for a clock that is ahead.
    """

    machine: str
    rmw: str
    behind_s: float


@dataclass(frozen=True)
class Images:
    """The camera's: (height, width) of each size that came, the time between two in seconds, the age at arrival."""

    shapes: frozenset[tuple[int, int]]
    period_s: float | None
    age_s: float
    problem: str = ""  # such as an encoding that nobody knows


@dataclass(frozen=True)
class JointsHeard:
    """Names and newest positions [rad or m] of all joint states, and the least age of a message at its arrival."""

    positions: dict[str, float]
    age_s: float


@dataclass(frozen=True)
class ArmEnds:
    """Full names under which the arm is looked for: any of `trajectories` will do, each of `gripper` is needed."""

    joint_states: str
    trajectories: tuple[str, ...]
    gripper: tuple[str, ...]


@dataclass(frozen=True)
class Facts:
    """`machine` and `rmw` are this process's; `senders` by full node name; `silent` have heartbeats that do not arrive.

    `real` is the guard's word; `digests` what each node's machine says of the robot; `arm` is None for a robot without one;
    `served` are those of its ends that somebody serves.
    """

    machine: str
    rmw: str
    senders: dict[str, Sender]
    silent: tuple[str, ...] = ()
    real: bool = False
    digests: dict[str, str] = field(default_factory=dict)
    images: Images | None = None
    joints: JointsHeard | None = None
    arm: ArmEnds | None = None
    served: frozenset[str] = frozenset()
