"""`adapt enable`."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import typer
from rich.markup import escape

from adapt_cli import options
from adapt_cli.console import out

if TYPE_CHECKING:
    from adapt_cli.scenes import Scenes
    from adapt_interfaces.msg import GuardStatus, SceneRequest


def enable(robot: options.RobotArgument, namespace: options.Namespace = "") -> None:
    """Let the robot move for as long as this runs; Ctrl-C or a stop takes that away.

    The panel's part for who has only a terminal: a real robot's episode waits here until you say that its scene is set
    up. Stand at the emergency stop.

    Examples:  adapt enable panda
    """
    from adapt_cli.ros_there import require_ros

    require_ros()
    from adapt_ros.graph import absolute
    from adapt_ros.interfaces import GUARD_STATUS
    from adapt_rqt.values import LEASE_S

    from adapt_cli.graph_session import EnableLease, GraphSession
    from adapt_cli.interrupt import stop_on_interrupt
    from adapt_cli.scenes import Scenes

    with GraphSession(absolute(namespace or robot)) as session, stop_on_interrupt("Ending.") as interrupted:
        session.expect("guard")
        scenes, stopped = Scenes(session), threading.Event()
        with EnableLease(session, LEASE_S) as lease:

            def hear(status: GuardStatus) -> None:
                if status.stopped:
                    stopped.set()
                    lease.lapse()

            subscription = GUARD_STATUS.subscription(session.node, hear)
            out().print(f"Motion under {session.namespace} is enabled. Ctrl-C takes it away.")
            while (scene := scenes.next(lambda: interrupted() or stopped.is_set())) is not None:
                if not _answer(scenes, scene):
                    break
            session.node.in_executor(session.node.destroy_subscription, subscription)
        out().print("[red]Stopped.[/]" if stopped.is_set() else "Motion is not enabled any more.")


def _answer(scenes: Scenes, scene: SceneRequest) -> bool:
    """Ask whether the scene is ready; False to leave."""
    from adapt_rqt.values import SCENE_CHECKLIST

    out().print(f"\nSet up the scene of [bold]{escape(scene.task_id)}[/]. Then see that:")
    for item in SCENE_CHECKLIST:
        out().print(f"  · {item}")
    out().print("  [bold]y[/] all of that is so, begin   [bold]q[/] leave")
    while (key := typer.getchar().lower()) != "y":
        if key in ("q", "\x03", "\x04", ""):
            return False
    objection = scenes.confirm(scene)
    out().print(f"  [red]→ {escape(objection)}[/]" if objection else "  → the episode begins")
    return True
