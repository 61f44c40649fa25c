"""As much of ROS's launch as the launch files use, for where it is not installed: they are run, nothing is started."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest


class Recorded:
    """An action: what it was made with."""

    def __init__(self, *positional: Any, **named: Any) -> None:
        self.positional, self.named = positional, named


class DeclareLaunchArgument(Recorded): ...


class IncludeLaunchDescription(Recorded): ...


class OpaqueFunction(Recorded): ...


class Node(Recorded): ...


class LaunchConfiguration:
    def __init__(self, name: str) -> None:
        self._name = name

    def perform(self, context: Mapping[str, str]) -> str:
        return context[self._name]


def install(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let `import launch` find this."""
    parts: dict[str, dict[str, Any]] = {
        "launch": {"LaunchContext": dict, "LaunchDescription": list},
        "launch.actions": {
            "DeclareLaunchArgument": DeclareLaunchArgument,
            "IncludeLaunchDescription": IncludeLaunchDescription,
            "OpaqueFunction": OpaqueFunction,
            "SetEnvironmentVariable": Recorded,
            "Shutdown": Recorded,
        },
        "launch.substitutions": {"EnvironmentVariable": Recorded, "LaunchConfiguration": LaunchConfiguration},
        "launch.launch_description_sources": {"PythonLaunchDescriptionSource": Path},
        "launch_ros": {},
        "launch_ros.actions": {"Node": Node},
    }
    for name, contents in parts.items():
        module = ModuleType(name)
        vars(module).update(contents)
        monkeypatch.setitem(sys.modules, name, module)


def started(file: Path, **arguments: str) -> list[Node]:
    """The nodes that `ros2 launch <file> <arguments>` starts. Raises what the file raises, ValueError as launch would."""
    return list(_visit(file, arguments))


def _visit(file: Path, context: dict[str, str]) -> Iterator[Node]:
    for action in _description(file):
        if isinstance(action, DeclareLaunchArgument):
            _declare(action, context)
        elif isinstance(action, IncludeLaunchDescription):
            given = action.named["launch_arguments"]
            passed = {name: value if isinstance(value, str) else value.perform(context) for name, value in given}
            yield from _visit(action.positional[0], {**context, **passed})
        elif isinstance(action, OpaqueFunction):
            yield from action.named["function"](context)


def _declare(argument: DeclareLaunchArgument, context: dict[str, str]) -> None:
    [name] = argument.positional
    if name not in context and argument.named.get("default_value") is None:
        raise ValueError(f"{name} is required")
    value = context.setdefault(name, argument.named.get("default_value", ""))
    if value not in argument.named.get("choices", [value]):
        raise ValueError(f"{name}={value} is no choice")


def _description(file: Path) -> list[Any]:
    spec = spec_from_file_location(file.name.replace(".", "_"), file)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    actions: list[Any] = module.generate_launch_description()
    return actions
