"""`adapt up`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from adapt_core.robots import Source

from adapt_cli import options
from adapt_cli.console import err, out


def up(
    robot: Annotated[str, typer.Argument(help="Robot or simulated world: a file of config/robots/.", metavar="ROBOT")],
    run: Annotated[Path | None, typer.Option(help="Folder for episodes, weights and logs.", metavar="FOLDER")] = None,
    preset: options.Preset = "tiny",
    method: options.Method = "",
    namespace: options.Namespace = "",
    learners: Annotated[
        str, typer.Option(help="Use planner and trainer of the graph in this namespace.", metavar="NAME")
    ] = "",
    source: Annotated[Source | None, typer.Option(help="Simulator, mock or the real robot.")] = None,
    camera: Annotated[str, typer.Option(help="With --source real: device number, path, or a video file.")] = "",
    labels: Annotated[str, typer.Option(help="Who judges episodes: simulator or operator.")] = "simulator",
) -> None:
    """Start the graph of a robot and keep it running; Ctrl-C stops it.

    The same nodes as `ros2 launch adapt sail.launch.py`, as separate processes.

    Examples:  adapt up metaworld --run runs/mine  ·  adapt up metaworld --namespace second --learners metaworld
    """
    from adapt_cli.ros_there import require_ros

    require_ros()
    from adapt_core.robots import load_robot
    from adapt_ros.graph import GraphOptions, absolute, describe

    from adapt_cli.graph_start import started
    from adapt_cli.sail_job import run_folder

    the_robot = load_robot(robot)
    folder = run_folder(run, robot)
    chosen = GraphOptions(folder.path, preset, method, namespace, learners, source, camera, labels)
    for node in describe(the_robot, chosen):
        err().print(f"  {node.full_name}")
    with started(the_robot, chosen) as graph:
        name = absolute(namespace or robot)
        out().print(f"The graph runs under {name}, run folder {folder.path}, logs in {folder.log}. Ctrl-C stops it.")
        try:
            graph.wait()
        except KeyboardInterrupt:
            err().print("\nstopping")
