"""`adapt watch`."""

from __future__ import annotations

import os
import socket
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from urllib.parse import urlsplit

import typer
from adapt_core.errors import ConfigError

from adapt_cli import options
from adapt_cli.console import out

if TYPE_CHECKING:
    import rerun as rr

ANSWER_S = 3.0  # how long a viewer on another machine may take to answer


def watch(
    robot: options.RobotArgument,
    namespace: options.Namespace = "",
    save: Annotated[
        Path | None, typer.Option(help="Into a new file, for `rerun FILE`, instead of a window.", metavar="FILE")
    ] = None,
    connect: Annotated[
        str, typer.Option(help="Into the viewer at rerun+http://<machine>:9876/proxy.", metavar="URL")
    ] = "",
) -> None:
    """Show what a running graph sees, imagines and does, live; Ctrl-C ends it.

    It only listens: the robot never waits for it, and what it cannot draw in time is left out.

    Examples:  adapt watch metaworld  ·  adapt watch metaworld --save seen.rrd
    """
    from adapt_cli.extras import require_extra
    from adapt_cli.ros_there import require_ros

    require_ros()
    require_extra("live")
    from adapt_ros.graph import absolute

    from adapt_cli.graph_session import GraphSession
    from adapt_cli.interrupt import stop_on_interrupt
    from adapt_cli.live_view import LiveView

    with GraphSession(absolute(namespace or robot)) as session:
        session.expect("guard")
        recording = recording_into(session.namespace, save, connect)
        with stop_on_interrupt("Ending.") as should_stop, LiveView(session.node, recording) as view:
            out().print(f"Watching {session.namespace}. Ctrl-C ends it.")
            while not should_stop():
                view.check()
                time.sleep(0.2)
        out().print(f"{view.dropped} messages were not drawn in time")


def recording_into(namespace: str, save: Path | None, connect: str) -> rr.RecordingStream:
    """Where to draw. Raises ConfigError where there is no screen, no viewer, or the file is there already."""
    import rerun as rr

    from adapt_cli.live_view import LAYOUT

    recording = rr.RecordingStream("-".join(["adapt", *namespace.strip("/").split("/")]))
    if save is not None:
        if save.exists():
            raise ConfigError(f"{save} is there already: name another file")
        save.parent.mkdir(parents=True, exist_ok=True)
        recording.save(save, default_blueprint=LAYOUT)
    elif connect:
        _expect_viewer(connect)
        recording.connect_grpc(connect, default_blueprint=LAYOUT)
    elif not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        raise ConfigError(
            "there is no screen here for a window: say --save FILE, or --connect URL of a viewer elsewhere"
        )
    else:
        recording.spawn(memory_limit="1GB", default_blueprint=LAYOUT)
    return recording


def _expect_viewer(url: str) -> None:
    address = urlsplit(url)
    if not (address.scheme.startswith("rerun") and address.hostname):
        raise ConfigError(f"--connect {url}: write it as rerun+http://<machine>:9876/proxy")
    try:
        socket.create_connection((address.hostname, address.port or 9876), ANSWER_S).close()
    except OSError as error:
        raise ConfigError(f"no viewer answers at {url} ({error}): start `rerun` there first") from error
