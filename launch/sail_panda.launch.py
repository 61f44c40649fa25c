"""`ros2 launch adapt sail_panda.launch.py`: sail.launch.py with robot:=panda, or robot:=fr3; takes its other arguments.

source:=sim        MuJoCo (the default for the Panda)
source:=mock       an arm without physics
source:=real       the robot, once allow_real_robot:=true says that a person stands at the emergency stop
executor:=moveit   a MoveIt that runs beside the graph finds the motions
approve:=true      nothing moves before a person has looked at its preview: adapt approve
"""

from pathlib import Path

from launch.actions import DeclareLaunchArgument, IncludeLaunchDescription
from launch.launch_description_sources import PythonLaunchDescriptionSource
from launch.substitutions import LaunchConfiguration

from launch import LaunchDescription


def generate_launch_description() -> LaunchDescription:
    """Called by launch."""
    robot = DeclareLaunchArgument("robot", default_value="panda", choices=["panda", "fr3"], description="which arm")
    graph = PythonLaunchDescriptionSource(str(Path(__file__).with_name("sail.launch.py")))
    arguments = {"robot": LaunchConfiguration("robot")}
    return LaunchDescription([robot, IncludeLaunchDescription(graph, launch_arguments=arguments.items())])
