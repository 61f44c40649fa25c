"""The graph of one robot: `ros2 launch adapt sail.launch.py robot:=metaworld run:=runs/first`.

Which nodes there are and what they are told stands in `adapt_ros.graph`, what can be chosen in `adapt_core.graph_options`;
this file only hands both to ROS's launch.
"""

from adapt_core.graph_options import graph_options, options_from_texts
from adapt_core.robots import load_robot
from adapt_ros.graph import ENVIRONMENT, NodeDescription, describe
from launch.actions import DeclareLaunchArgument, OpaqueFunction, SetEnvironmentVariable, Shutdown
from launch.substitutions import EnvironmentVariable, LaunchConfiguration
from launch_ros.actions import Node

from launch import LaunchContext, LaunchDescription


def argument_text(default: object) -> str:
    """A default as launch writes it; empty where there is none."""
    return str(default).lower() if isinstance(default, bool) else str(default or "")


def to_node(node: NodeDescription) -> Node:
    """One description as an action of launch. The nodes activate themselves; when one ends, so does the graph."""
    return Node(
        package="adapt_ros",
        executable=node.name,
        name=node.name,
        namespace=node.namespace,
        parameters=[*map(str, node.parameter_files), dict(node.parameters)],
        remappings=list(node.remappings),
        output="both",
        emulate_tty=True,
        on_exit=Shutdown(reason=f"{node.name} ended; start again with the same arguments to resume"),
    )


def nodes(context: LaunchContext) -> list[Node]:
    """The nodes that the arguments ask for."""
    texts = {option.name: LaunchConfiguration(option.name).perform(context) for option in graph_options()}
    robot = load_robot(LaunchConfiguration("robot").perform(context))
    return [to_node(node) for node in describe(robot, options_from_texts(texts))]


def generate_launch_description() -> LaunchDescription:
    """Called by launch."""
    return LaunchDescription(
        [
            *(
                SetEnvironmentVariable(name, EnvironmentVariable(name, default_value=value))
                for name, value in ENVIRONMENT.items()
            ),
            DeclareLaunchArgument("robot", description="a file of config/robots"),
            *(
                DeclareLaunchArgument(
                    option.name, default_value=argument_text(option.default), description=option.about
                )
                for option in graph_options()
            ),
            OpaqueFunction(function=nodes),
        ]
    )
