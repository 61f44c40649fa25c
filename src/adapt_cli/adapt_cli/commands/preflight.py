"""`adapt preflight`."""

from __future__ import annotations

import json as json_format
from dataclasses import asdict
from typing import Annotated

import typer

from adapt_cli import options
from adapt_cli.commands.doctor import missing, print_table
from adapt_cli.console import err


def preflight(
    robot: options.RobotArgument,
    namespace: options.Namespace = "",
    json: Annotated[bool, typer.Option("--json", help="Print the findings as JSON.")] = False,
) -> None:
    """Look whether everything agrees, on all machines, before a robot moves; nothing is moved by it.

    Middleware, clocks, configuration, joints and limits, trajectory and gripper servers, camera. Start the graph first.
    Ends with exit status 1 where something is amiss.

    Examples:  adapt preflight panda
    """
    from adapt_cli.ros_there import require_ros

    require_ros()
    from adapt_core.robots import load_robot
    from adapt_ros.graph import absolute

    from adapt_cli.graph_session import GraphSession
    from adapt_cli.preflight.checks import preflight_checks
    from adapt_cli.preflight.gather import gather

    load_robot(robot)
    name = absolute(namespace or robot)
    err().print(f"Listening to {name} for a few seconds …")
    with GraphSession(name) as session:
        described, learners, facts = gather(session, robot)
    checks = list(preflight_checks(described, name, learners, facts))
    amiss = missing(checks)
    if json:
        print(json_format.dumps({"ready": not amiss, "checks": [asdict(check) for check in checks]}, indent=2))
    else:
        print_table(checks, "Everything agrees.")
    if amiss:
        raise typer.Exit(1)
