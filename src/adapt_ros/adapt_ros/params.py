"""A config dataclass becomes ROS parameters, and the parameters' values fill it.

    @dataclass(frozen=True)
    class Config:
        robot: str = param("metaworld", "name of a file in config/robots")
        rate_hz: float = param(10.0, "images a second")

    config = read_parameters(node, Config)

Fields may be str, bool, int, float, a StrEnum, or a tuple of str or float. They are read once, when the node starts.
"""

from __future__ import annotations

import dataclasses
import difflib
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any, Protocol, TypeVar, get_args, get_origin, get_type_hints, runtime_checkable

from adapt_core.errors import ConfigError
from rcl_interfaces.msg import ParameterDescriptor
from rclpy.node import Node

C = TypeVar("C")


@runtime_checkable
class HasDerived(Protocol):
    """Config from which further parameters follow, for others to read."""

    def derived(self) -> Mapping[str, tuple[str, str]]:
        """Value and description of each."""
        ...


def param(default: Any, description: str) -> Any:
    """A field of a config dataclass with its default and what `ros2 param describe` shows."""
    return dataclasses.field(default=default, metadata={"description": description})


def read_parameters(node: Node, cls: type[C]) -> C:
    """Declare a read-only parameter for each field of `cls` and return it filled.

    Raises ConfigError for a parameter that `cls` does not have or whose value has another type.
    """
    fields = {field.name: field for field in dataclasses.fields(cls)}  # type: ignore[arg-type]
    _refuse_unknown(node, list(fields))
    hints = get_type_hints(cls)
    settings = cls(
        **{
            name: read_parameter(node, name, field.default, field.metadata["description"], hints[name])
            for name, field in fields.items()
        }
    )
    if isinstance(settings, HasDerived):
        for name, (value, about) in settings.derived().items():
            node.declare_parameter(name, value, ParameterDescriptor(description=about, read_only=True))
    return settings


def read_parameter(node: Node, name: str, default: Any, description: str, kind: Any) -> Any:
    """Declare one read-only parameter and return its value as a `kind`. Raises ConfigError."""
    plain = list(default) if isinstance(default, tuple) else default.value if isinstance(default, StrEnum) else default
    # Dynamic typing lets a value of a wrong type through to _checked, whose message is clearer than rclpy's.
    descriptor = ParameterDescriptor(description=description, read_only=True, dynamic_typing=True)
    value = node.declare_parameter(name, plain, descriptor).value
    return _checked(f'parameter "{name}" of {node.get_name()} ({description})', value, kind)


def _checked(where: str, value: Any, kind: Any) -> Any:
    if get_origin(kind) is tuple:
        if not isinstance(value, Sequence) or isinstance(value, (str, bytes)):
            raise ConfigError(f"{where} must be a list, it is {value!r}")
        return tuple(_checked(where, item, get_args(kind)[0]) for item in value)
    if issubclass(kind, StrEnum):
        if value not in list(kind):
            raise ConfigError(f"{where} must be one of {', '.join(kind)}; it is {value!r}")
        return kind(value)
    if kind is float and type(value) is int:
        return float(value)
    if type(value) is not kind:
        raise ConfigError(f"{where} must be {kind.__name__}, it is {value!r}")
    return value


def _refuse_unknown(node: Node, known: list[str]) -> None:
    given: dict[str, Any] = node._parameter_overrides  # rclpy has no public way to see what was given but not declared
    for name in given:
        if name not in known and not node.has_parameter(name) and not name.startswith("qos_overrides."):
            close = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
            meant = f'; did you mean "{close[0]}"?' if close else "."
            raise ConfigError(f'{node.get_name()} has no parameter "{name}"{meant} It has: {", ".join(sorted(known))}')
