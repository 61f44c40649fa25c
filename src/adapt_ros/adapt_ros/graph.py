"""Which nodes make up the graph of one robot, and with which parameters: the only place where they are listed.

`launch/sail.launch.py` and `adapt_ros.bringup` both start what `describe` returns. Nothing here needs ROS.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import yaml
from adapt_core.arm_settings import Hardware
from adapt_core.errors import ConfigError
from adapt_core.graph_options import GraphOptions, MotionBackend
from adapt_core.paths import config_file
from adapt_core.robots import Robot, Source
from adapt_core.run_folder import RunFolder

ParameterValue = bool | int | float | str | tuple[str, ...]

# Of all nodes, where the user has set nothing else: stay on this machine, let no idle thread spin beside others, and keep
# the memory that one plan freed for the next (in a thread, glibc would give it back and fetch it again each time).
ENVIRONMENT = {
    "ROS_AUTOMATIC_DISCOVERY_RANGE": "LOCALHOST",
    "OMP_WAIT_POLICY": "PASSIVE",
    "MALLOC_ARENA_MAX": "1",
    "MALLOC_TRIM_THRESHOLD_": "536870912",  # bytes
    "MALLOC_MMAP_THRESHOLD_": "33554432",  # bytes: the greatest that glibc takes
}
PARAMETERS_FILE = "nodes.yaml"  # in the configuration folder: rates and time-outs
# How long joint_states may say nothing new while an arm moves. A simulator on a busy machine is only slow.
REAL_SILENCE_S, SIMULATED_SILENCE_S = 0.4, 3.0
LEARNERS = ("planner", "inverse_dynamics", "trainer")
# Simulated time stays within the graph: two simulators must not share a clock.
REMAPPINGS = (("/clock", "clock"),)


@dataclass(frozen=True)
class NodeDescription:
    """One process of the graph. `name` is the node's, its executable's and its module's in `adapt_ros.nodes`."""

    name: str
    namespace: str
    parameters: Mapping[str, ParameterValue] = field(default_factory=dict)
    remappings: tuple[tuple[str, str], ...] = REMAPPINGS
    parameter_files: tuple[Path, ...] = ()

    @property
    def full_name(self) -> str:
        """The node's fully qualified name, as heartbeats say it."""
        return f"{self.namespace}/{self.name}"

    def ros_arguments(self) -> list[str]:
        """Command-line arguments that give a process this name, these parameters and remappings."""
        arguments = ["--ros-args", "-r", f"__node:={self.name}", "-r", f"__ns:={self.namespace}"]
        for old, new in self.remappings:
            arguments += ["-r", f"{old}:={new}"]
        for file in self.parameter_files:
            arguments += ["--params-file", str(file)]
        for name, value in self.parameters.items():
            arguments += ["-p", f"{name}:={_yaml(value)}"]
        return arguments


def describe(robot: Robot, options: GraphOptions) -> list[NodeDescription]:
    """The nodes of `robot`'s graph. Raises ConfigError when the options do not go together."""
    source = options.source or robot.source
    _check_together(robot, source, options)
    namespace = absolute(options.namespace or robot.name)
    learners = absolute(options.learners) if options.learners else namespace
    run = RunFolder(options.run.resolve())
    common: dict[str, ParameterValue] = {
        "use_sim_time": source is not Source.REAL,
        "robot": robot.name,
        "run": str(run.path),
        "preset": options.preset or robot.preset,
        "learners": learners,
        "drivers": robot.arm.interfaces.namespace if robot.arm and source is Source.REAL else "",
    }
    if options.method:
        common["method"] = options.method
    own = _sources(robot, source, options, namespace)
    own["guard"] = {"watch": _watched(namespace, learners, tuple(own)), "real": source is Source.REAL}
    own["guard"] |= {key: True for key in ("approve", "allow_real_robot") if getattr(options, key)}
    own["executor"] = {"executor": options.executor.value} if robot.arm else {}
    if learners == namespace:
        own.update({name: {} for name in LEARNERS})
    own["episode_runner"] = {"go_home": True} if robot.arm is not None and source is not Source.SIM else {}
    own["labeler"] = {"labels": options.labels}
    own["sail"] = {}
    files = (config_file(PARAMETERS_FILE),)
    return [
        NodeDescription(name, namespace, {**common, **parameters}, REMAPPINGS, files)
        for name, parameters in own.items()
    ]


def _sources(
    robot: Robot, source: Source, options: GraphOptions, namespace: str
) -> dict[str, dict[str, ParameterValue]]:
    """The nodes that are, or stand for, the robot and its camera, by name with their own parameters."""
    watch: ParameterValue = (f"{namespace}/guard",)
    nodes: dict[str, dict[str, ParameterValue]] = {}
    if source is Source.REAL:
        nodes["camera"] = {"device": options.camera or "0", "crop": True, "resize": True}
        if robot.arm is not None and (options.hardware or robot.arm.real.driver) is Hardware.PANDA_HARDWARE:
            nodes["panda_hardware"] = {}
    elif robot.arm is None:
        nodes["sim_bridge"] = {"mock": source is Source.MOCK, "watch": watch}
    else:
        nodes["simulated_arm" if source is Source.SIM else "mock_arm"] = {"pace": options.pace}
    if robot.arm is not None:
        silence_s = REAL_SILENCE_S if source is Source.REAL else SIMULATED_SILENCE_S
        nodes["arm_driver"] = {"watch": watch, "real": source is Source.REAL, "silence_s": silence_s}
    return nodes


def absolute(namespace: str) -> str:
    """`namespace` with exactly one leading slash and none behind."""
    stripped = namespace.strip("/")
    if not stripped:
        raise ConfigError(f'"{namespace}" is no namespace: give a name such as metaworld')
    return f"/{stripped}"


def _check_together(robot: Robot, source: Source, options: GraphOptions) -> None:
    """Raise ConfigError for options that this robot or its source has no use for."""
    if options.camera and source is not Source.REAL:
        raise ConfigError(
            f"camera={options.camera} needs source=real: with source={source} the images are the simulator's"
        )
    if options.hardware and source is not Source.REAL:
        raise ConfigError(f"hardware={options.hardware} needs source=real: with source={source} there is none to drive")
    for_arms = {
        "approve": options.approve,
        "executor": options.executor is not MotionBackend.KINEMATIC,
        "hardware": options.hardware is not None,
    }
    if robot.arm is None and (unused := [name for name, chosen in for_arms.items() if chosen]):
        raise ConfigError(f"{unused[0]} is for arms, and {robot.name} has none: leave it out")


def _watched(namespace: str, learners: str, sources: tuple[str, ...]) -> tuple[str, ...]:
    """Nodes without which motion must stop."""
    own = [f"{namespace}/{name}" for name in (*sources, "executor", "episode_runner")]
    return (*own, f"{learners}/planner", f"{learners}/inverse_dynamics")


def _yaml(value: ParameterValue) -> str:
    plain = list(value) if isinstance(value, tuple) else value
    return (
        yaml.safe_dump(
            plain, default_flow_style=True, width=10**9, default_style='"' if isinstance(value, str) else None
        )
        .removesuffix("...\n")
        .strip()
    )
