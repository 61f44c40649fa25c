"""`ros2 launch adapt sail_metaworld.launch.py`: sail.launch.py with robot:=metaworld; takes its other arguments."""

from pathlib import Path

from launch.actions import IncludeLaunchDescription
from launch.launch_description_sources import PythonLaunchDescriptionSource

from launch import LaunchDescription


def generate_launch_description() -> LaunchDescription:
    """Called by launch."""
    graph = PythonLaunchDescriptionSource(str(Path(__file__).with_name("sail.launch.py")))
    return LaunchDescription([IncludeLaunchDescription(graph, launch_arguments={"robot": "metaworld"}.items())])
