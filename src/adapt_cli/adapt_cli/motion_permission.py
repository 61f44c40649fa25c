"""Who lets the robot move while a command runs. Import only where ROS is: see `ros_there`."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from adapt_core.errors import CancelledByUserError
from adapt_core.ports import StopCheck
from adapt_core.robots import Robot
from adapt_ros.interfaces import GUARD_STATUS

from adapt_cli.console import err
from adapt_cli.graph_parameters import parameter
from adapt_cli.graph_session import EnableLease, GraphSession
from adapt_interfaces.msg import GuardStatus

POLL_S = 0.1


@contextmanager
def motion_permitted(session: GraphSession, robot: Robot, should_stop: StopCheck) -> Iterator[None]:
    """A simulated robot moves by a lease that is held here; a real one by its operator's, who is waited for.

    A lease of ours beside the operator's would outlive it. Raises PeerLostError, MotionStoppedError, and
    CancelledByUserError while waiting.
    """
    if parameter(session, "guard", "real").bool_value:
        _await_operator(session, robot, should_stop)
        yield
    else:
        with EnableLease(session, robot.enable_lease_s):
            yield


def _await_operator(session: GraphSession, robot: Robot, should_stop: StopCheck) -> None:
    enabled, heard = threading.Event(), threading.Event()

    def hear(status: GuardStatus) -> None:
        heard.set()
        if status.enabled:
            enabled.set()

    subscription = GUARD_STATUS.subscription(session.node, hear)
    try:
        heard.wait(1.0)
        if not enabled.is_set():
            where = f"{robot.name} --namespace {session.namespace.strip('/')}"
            err().print(
                f"[yellow]This robot is real: waiting until its operator enables motion (adapt panel --robot {where}, or at a "
                f"terminal adapt enable {where}).[/]"
            )
        while not enabled.wait(POLL_S):
            if should_stop():
                raise CancelledByUserError("nobody enabled motion; nothing was run")
    finally:
        session.node.in_executor(session.node.destroy_subscription, subscription)
