"""Parameters fill dataclasses; what does not fit is refused in words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

import pytest

pytest.importorskip("rclpy")

import rclpy
from adapt_core.errors import ConfigError
from adapt_ros.params import param, read_parameters
from rclpy.node import Node
from rclpy.parameter import Parameter

pytestmark = pytest.mark.ros


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


@dataclass(frozen=True)
class Config:
    name: str = param("door", "which one")
    rate_hz: float = param(10.0, "how often")
    count: int = param(3, "how many")
    on: bool = param(True, "at all")
    colour: Colour = param("red", "how it looks")  # noqa: RUF009 - a field
    watch: tuple[str, ...] = param(("a", "b"), "whom")


@pytest.fixture
def context(ros_domain: int) -> Iterator[rclpy.Context]:
    context = rclpy.Context()
    rclpy.init(args=[], context=context, domain_id=ros_domain)
    yield context
    context.try_shutdown()


def node_with(context: rclpy.Context, **parameters: object) -> Node:
    overrides = [Parameter(name, value=value) for name, value in parameters.items()]
    return rclpy.create_node("configured", context=context, parameter_overrides=overrides)


def test_defaults_and_given_values(context: rclpy.Context) -> None:
    assert read_parameters(node_with(context), Config) == Config(colour=Colour.RED)
    given = {"name": "x", "rate_hz": 5, "count": 4, "on": False, "colour": "blue", "watch": ["c"]}
    assert read_parameters(node_with(context, **given), Config) == Config("x", 5.0, 4, False, Colour.BLUE, ("c",))


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"rat_hz": 5.0}, 'did you mean "rate_hz"'),
        ({"rate_hz": "often"}, "rate_hz.*must be float"),
        ({"count": 1.5}, "count.*must be int"),
        ({"on": 1}, "on.*must be bool"),
        ({"name": 3}, "name.*must be str"),
        ({"colour": "green"}, "must be one of red, blue"),
        ({"watch": "c"}, "watch.*must be a list"),
        ({"watch": [1, 2]}, "watch.*must be str"),
    ],
)
def test_what_does_not_fit_is_refused(context: rclpy.Context, given: dict[str, object], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        read_parameters(node_with(context, **given), Config)


def test_a_parameter_describes_itself_and_cannot_be_changed(context: rclpy.Context) -> None:
    node = node_with(context)
    read_parameters(node, Config)
    assert node.describe_parameter("count").description == "how many"
    [answer] = node.set_parameters([Parameter("count", value=5)])
    assert not answer.successful
