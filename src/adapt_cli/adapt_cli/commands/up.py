"""`adapt up`."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Annotated, Any

import typer
from adapt_core.graph_options import GraphOptions, graph_options

from adapt_cli import options
from adapt_cli.console import err, out


def _with_graph_options(command: Callable[..., None]) -> Callable[..., None]:
    """`command(robot, **chosen)` with an option for each field of GraphOptions."""
    robot = inspect.signature(command).parameters["robot"]
    parameters = [
        inspect.Parameter(
            option.name,
            inspect.Parameter.KEYWORD_ONLY,
            default=None if option.name == "run" else option.default,
            annotation=Annotated[option.kind, typer.Option(help=f"{option.about[0].upper()}{option.about[1:]}.")],
        )
        for option in graph_options()
    ]
    command.__signature__ = inspect.Signature([robot, *parameters])  # type: ignore[attr-defined]
    return command


@_with_graph_options
def up(
    robot: options.RobotArgument,
    **chosen: Any,
) -> None:
    """Start the graph of a robot and keep it running; Ctrl-C stops it.

    The same nodes as `ros2 launch adapt sail.launch.py`, as separate processes.

    Examples:  adapt up metaworld --run runs/mine  ·  adapt up metaworld --namespace second --learners metaworld
    """
    from adapt_cli.ros_there import require_ros

    require_ros()
    from adapt_core.robots import load_robot
    from adapt_ros.graph import absolute, describe

    from adapt_cli.graph_start import started
    from adapt_cli.sail_job import run_folder

    the_robot = load_robot(robot)
    folder = run_folder(chosen.pop("run"), robot)
    asked = GraphOptions(run=folder.path, **chosen)
    for node in describe(the_robot, asked):
        err().print(f"  {node.full_name}")
    with started(the_robot, asked) as graph:
        name = absolute(asked.namespace or robot)
        out().print(f"The graph runs under {name}, run folder {folder.path}, logs in {folder.log}. Ctrl-C stops it.")
        try:
            graph.wait()
        except KeyboardInterrupt:
            err().print("\nstopping")
