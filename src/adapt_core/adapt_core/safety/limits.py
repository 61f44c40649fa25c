"""What a chunk must keep to, from the robot's YAML and what its world says of itself."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from adapt_core.errors import ConfigError
from adapt_core.robots import Robot
from adapt_core.types import ActionSpace, Vector, WorldSpec

Bounds = tuple[Vector, Vector]  # (low, high), each (d,)


@dataclass(frozen=True)
class Limits:
    """Limits of every chunk of one robot.

    `raw` bounds RAW actions, None where only the world knows them; `workspace` END_EFFECTOR positions in metres, in the
    frame `frame_id`; `max_actions` is the length of an episode; ages are in seconds.
    """

    space: ActionSpace
    frame_id: str
    frame_skip: int
    max_actions: int
    plan_age_s: float
    observation_age_s: float
    workspace: Bounds | None = None
    raw: Bounds | None = None

    @classmethod
    def of(cls, robot: Robot, spec: WorldSpec | None = None) -> Limits:
        """Limits of `robot`, narrowed by its world's where `spec` is known. Raises ConfigError when they disagree."""
        box = None if robot.workspace is None else (np.array(robot.workspace.low), np.array(robot.workspace.high))
        if spec is not None:
            _check_agreement(robot, spec)
            box = _intersection(robot.name, box, spec.workspace)
        return cls(
            space=robot.action_space,
            frame_id=robot.frame_id,
            frame_skip=robot.frame_skip,
            max_actions=robot.max_steps,
            plan_age_s=robot.freshness.plan_age_s,
            observation_age_s=robot.freshness.observation_age_s,
            workspace=box,
            raw=(spec.raw_low, spec.raw_high) if spec is not None and len(spec.raw_low) else None,
        )


def _check_agreement(robot: Robot, spec: WorldSpec) -> None:
    if robot.action_space not in spec.spaces:
        offered = ", ".join(spec.spaces)
        raise ConfigError(
            f"robot {robot.name}: action_space is {robot.action_space}, but {spec.name} executes {offered}"
        )
    if robot.frame_id != spec.frame_id:
        raise ConfigError(f'robot {robot.name}: frame_id is "{robot.frame_id}", but {spec.name} says "{spec.frame_id}"')


def _intersection(name: str, a: Bounds | None, b: Bounds | None) -> Bounds | None:
    if a is None or b is None:
        return b if a is None else a
    low, high = np.maximum(a[0], b[0]), np.minimum(a[1], b[1])
    if (low >= high).any():
        raise ConfigError(f"robot {name}: its workspace and that of its world have nothing in common")
    return low, high
