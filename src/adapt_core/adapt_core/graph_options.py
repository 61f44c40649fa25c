"""What a user chooses about a graph: the arguments of the launch files and the options of `adapt up`, listed once."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, get_args, get_type_hints

from adapt_core.arm_settings import Hardware
from adapt_core.config import from_data
from adapt_core.robots import Source


class MotionBackend(StrEnum):
    """Who finds the joint motion of an arm."""

    KINEMATIC = "kinematic"  # our own: needs only pip
    MOVEIT = "moveit"  # a MoveIt that runs beside the graph


@dataclass(frozen=True)
class GraphOptions:
    """What a user chooses about a graph, beside the robot: each field with the sentence that explains it to the user."""

    run: Annotated[Path, "folder of the run: its episodes, weights and logs; the same one resumes"] = Path(
        "runs/default"
    )
    preset: Annotated[str, "sizes and settings of the models: a file of config/models; default: the robot's"] = ""
    method: Annotated[
        str, "how prior and in-domain model are combined: ipa, pa or in_domain; default: the preset's"
    ] = ""
    namespace: Annotated[str, "namespace of the graph; default: the robot's name"] = ""
    learners: Annotated[str, "use planner, inverse dynamics and trainer of the graph in this namespace"] = ""
    source: Annotated[Source | None, "simulator, mock or the real robot; default: the robot's"] = None
    camera: Annotated[str, "with source real: device number, path, or a video file"] = ""
    labels: Annotated[str, "who judges episodes: simulator or operator"] = "simulator"
    executor: Annotated[MotionBackend, "who finds an arm's motion"] = MotionBackend.KINEMATIC
    approve: Annotated[bool, "an arm moves only when a person has approved the motion: adapt approve"] = False
    allow_real_robot: Annotated[bool, "a person stands at the emergency stop: the real robot may be enabled"] = False
    pace: Annotated[
        float, "of a simulated arm: 1 is real time, 0 as fast as can be, and only while it is told to move"
    ] = 0.0
    hardware: Annotated[Hardware | None, "who drives the real arm; default: the robot's"] = None


@dataclass(frozen=True)
class Option:
    """One field of GraphOptions: `kind` is its type, `about` what it means."""

    name: str
    kind: Any
    default: Any
    about: str


def graph_options() -> list[Option]:
    """All fields of GraphOptions, for who asks the user for them."""
    fields = dataclasses.fields(GraphOptions)
    hints = get_type_hints(GraphOptions, include_extras=True)
    kinds = {name: get_args(hint) for name, hint in hints.items()}
    return [Option(field.name, kinds[field.name][0], field.default, kinds[field.name][1]) for field in fields]


def options_from_texts(texts: Mapping[str, str]) -> GraphOptions:
    """GraphOptions from texts such as arguments of launch; an empty text: the default. Raises ConfigError."""
    given = {name: text for name, text in texts.items() if text}
    return from_data(given, GraphOptions, "arguments", strict=False)
