"""Robots, one YAML file each: `config/robots/<robot>.yaml`."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Annotated, Any

from pydantic import Field, PositiveFloat, PositiveInt

from adapt_core.arm_settings import Arm, contradictions
from adapt_core.config import from_data, overridden
from adapt_core.config_base import read_extended
from adapt_core.errors import ConfigError
from adapt_core.model_presets import FAKE_PRESET, read_preset
from adapt_core.paths import config_file
from adapt_core.types import ActionSpace, ControlLoop

Corner = Annotated[tuple[float, float, float], Field(description="x, y, z in metres")]


class Source(StrEnum):
    """What serves the robot's interfaces."""

    SIM = "sim"
    MOCK = "mock"
    REAL = "real"


@dataclass(frozen=True)
class Camera:
    """The camera that plans start from: pixels, frames a second, and the frame of its images."""

    height: PositiveInt
    width: PositiveInt
    rate_hz: PositiveFloat
    frame_id: str


@dataclass(frozen=True)
class Workspace:
    """The box that end-effector positions must stay in: `low` and `high` corners in metres, in the robot's frame."""

    low: Corner
    high: Corner


@dataclass(frozen=True)
class KeepOut:
    """A box that no link may enter, such as the table: `low` and `high` corners in metres, in the robot's frame."""

    name: str
    low: Corner
    high: Corner


@dataclass(frozen=True)
class Freshness:
    """Ages in seconds beyond which an observation, and a plan or chunk made from one, is not acted on."""

    observation_age_s: PositiveFloat
    plan_age_s: PositiveFloat


@dataclass(frozen=True)
class Robot:
    """One robot or simulated world, as its YAML file says. `name` is the file's name.

    `world` is the name under which `adapt_sim` registers the world and `world_settings` are that world's own; `suite`
    the tasks it does; `preset` the models that plan for it where nobody chooses others; `frame_id` the frame of poses. An
    action is pursued for `frame_skip` control steps of `control_period_s`; an episode has `max_steps` recorded frames.
    `workspace` is None for a robot without an end effector, `arm` for one without joints that somebody must find angles for.
    """

    name: str
    world: str
    suite: str
    preset: str
    source: Source
    frame_id: str
    camera: Camera
    action_space: ActionSpace
    control_period_s: PositiveFloat
    frame_skip: PositiveInt
    control_loop: ControlLoop
    max_steps: PositiveInt
    freshness: Freshness
    heartbeat_timeout_s: PositiveFloat
    enable_lease_s: PositiveFloat
    workspace: Workspace | None = None
    keep_outs: tuple[KeepOut, ...] = ()
    arm: Arm | None = None
    world_settings: Mapping[str, Any] = field(default_factory=dict)


def load_robot(robot: str, overrides: Mapping[str, object] | None = None, preset: str = "") -> Robot:
    """Read `config/robots/<robot>.yaml`, which may say `extends: <other>` and only what differs.

    `overrides` as in `load_yaml`. With `preset`, a file of config/models, the robot's images have the size that those
    models plan from. Raises ConfigError.
    """
    path = config_file("robots", f"{robot}.yaml")
    data = overridden(read_extended(path), {"name": robot, **(overrides or {})})
    loaded = from_data(data, Robot, str(path))
    if problems := list(_contradictions(loaded)):
        raise ConfigError("\n".join(f"{path}: {problem}" for problem in problems))
    return loaded if preset in ("", FAKE_PRESET) else _seen_by(preset, loaded)


def digest(robot: Robot) -> str:
    """A hash of all that is said of a robot: two machines with the same agree on its joints, limits, names and rates."""
    return hashlib.sha256(repr(robot).encode()).hexdigest()[:16]


def preset_for(robot: str, preset: str = "") -> str:
    """`preset`, or the one of `config/robots/<robot>.yaml` when it is empty. Raises ConfigError."""
    return preset or load_robot(robot).preset


def _contradictions(robot: Robot) -> Iterator[str]:
    boxes = {f"keep_outs.{number}": box for number, box in enumerate(robot.keep_outs)}
    named: dict[str, Workspace | KeepOut] = {**boxes, **({"workspace": robot.workspace} if robot.workspace else {})}
    for key, box in named.items():
        if any(low >= high for low, high in zip(box.low, box.high, strict=True)):
            yield f"{key}: each number of low must be below the same of high"
    if robot.workspace is None and robot.action_space is ActionSpace.END_EFFECTOR:
        yield "workspace: needed when action_space is end_effector; give low and high in metres"
    if robot.arm is not None:
        yield from contradictions(robot.arm)


def _seen_by(preset: str, robot: Robot) -> Robot:
    size = read_preset(preset)["image_size"]
    return replace(robot, camera=replace(robot.camera, height=size, width=size))
