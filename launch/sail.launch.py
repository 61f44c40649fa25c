"""The graph of one robot: `ros2 launch adapt sail.launch.py robot:=metaworld run:=runs/first`.

Which nodes there are and what they are told stands in `adapt_ros.graph`; this file only hands it to ROS's launch.
"""

from pathlib import Path

from adapt_core.robots import Source, load_robot
from adapt_ros.graph import ENVIRONMENT, GraphOptions, NodeDescription, describe
from launch.actions import DeclareLaunchArgument, OpaqueFunction, SetEnvironmentVariable, Shutdown
from launch.substitutions import EnvironmentVariable, LaunchConfiguration
from launch_ros.actions import Node

from launch import LaunchContext, LaunchDescription

ARGUMENTS = {
    "robot": ("", "name of a file in config/robots"),
    "run": ("runs/default", "folder of the run: its episodes, weights and logs; the same one resumes"),
    "preset": ("tiny", "name of a file in config/models"),
    "method": ("", "how prior and in-domain model are combined; empty: the preset's"),
    "namespace": ("", "namespace of the graph; empty: the robot's name"),
    "learners": ("", "namespace whose planner, inverse dynamics and trainer serve; empty: this graph's own"),
    "source": ("", "sim, mock or real; empty: the robot's"),
    "camera": ("", "device or video file of the camera, for source:=real"),
    "labels": ("simulator", "who judges episodes: simulator or operator"),
}


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
    chosen = {name: LaunchConfiguration(name).perform(context) for name in ARGUMENTS}
    robot, source = load_robot(chosen.pop("robot")), chosen.pop("source")
    options = GraphOptions(run=Path(chosen.pop("run")), source=Source(source) if source else None, **chosen)
    return [to_node(node) for node in describe(robot, options)]


def generate_launch_description() -> LaunchDescription:
    """Called by launch."""
    return LaunchDescription(
        [
            *(
                SetEnvironmentVariable(name, EnvironmentVariable(name, default_value=value))
                for name, value in ENVIRONMENT.items()
            ),
            *(
                # without a default the robot must be given
                DeclareLaunchArgument(name, default_value=default if name != "robot" else None, description=description)
                for name, (default, description) in ARGUMENTS.items()
            ),
            OpaqueFunction(function=nodes),
        ]
    )
