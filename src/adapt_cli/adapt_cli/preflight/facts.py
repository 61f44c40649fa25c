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
class Facts:
    """`machine` and `rmw` are this process's; `senders` by full node name; `silent` have heartbeats that do not arrive.

    `parameters` are the guard's; `digests` what each node's machine says of the robot; `topics` says how many publish
    the images and the joint states; `servers` are the services and actions of interest that somebody serves.
    """

    machine: str
    rmw: str
    senders: dict[str, Sender]
    silent: tuple[str, ...] = ()
    real: bool = False
    drivers: str = ""
    digests: dict[str, str] = field(default_factory=dict)
    images: Images | None = None
    joints: JointsHeard | None = None
    servers: frozenset[str] = frozenset()
