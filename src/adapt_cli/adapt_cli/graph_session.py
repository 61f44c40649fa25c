"""Talking to a running graph: a node of our own that spins in a thread, and the enable lease of the robot's guard.

Import only where ROS is: see `ros_there`.
"""

from __future__ import annotations

import getpass
import os
import threading
import time
from contextlib import suppress
from types import TracebackType
from typing import Any

import rclpy
from adapt_core.errors import MotionStoppedError, PeerLostError
from adapt_core.ports import StopCheck, never
from adapt_ros.clients.calls import Calls
from adapt_ros.clients.peer import Peer
from adapt_ros.interfaces import ENABLE_MOTION
from adapt_ros.node import AdaptNode
from adapt_ros.spinning import SpinningThread

DISCOVERY_S = 8.0  # how long a graph may take to be seen
RENEWALS = 4  # of the lease within its duration


class GraphSession:
    """From `with` to the end of its block: a node in the graph's namespace."""

    def __init__(self, namespace: str) -> None:
        self.namespace = namespace
        self._context = rclpy.Context()
        rclpy.init(args=[], context=self._context, signal_handler_options=rclpy.SignalHandlerOptions.NO)
        self.node = AdaptNode(
            f"_adapt_{os.getpid()}", namespace=namespace, context=self._context, start_parameter_services=False
        )
        self._spinning = SpinningThread(self._context, "adapt_cli")

    def __enter__(self) -> GraphSession:
        self._spinning.start(self.node)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.node.stop()
        self._spinning.stop()
        self.node.destroy_node()
        self._context.try_shutdown()

    def calls(self, node: str) -> Calls:
        """For services and actions of the graph's node `node`."""
        return Calls(self.node, Peer(self.node, node), DISCOVERY_S)

    def expect(self, node: str) -> None:
        """Wait until `node` is seen. Raises PeerLostError that says how to start a graph."""
        deadline = time.monotonic() + DISCOVERY_S
        while (node, self.namespace) not in self.node.get_node_names_and_namespaces():
            if time.monotonic() > deadline:
                raise PeerLostError(
                    f"no graph is running under {self.namespace}: start one in another shell with `adapt up "
                    f"{self.namespace.strip('/')}`, or add --up to start one for this command, or --in-process to need none"
                )
            time.sleep(0.05)


class EnableLease:
    """Holds the guard's enable lease from `with` to the end of its block, renewing it in a thread."""

    def __init__(self, session: GraphSession, lease_s: float) -> None:
        self._calls = session.calls("guard")
        self._client = ENABLE_MOTION.client(session.node)
        self._lease_s = lease_s
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._renew, name="enable_lease", daemon=True)

    def __enter__(self) -> EnableLease:
        response = self._ask(True)
        if not response.success:
            raise MotionStoppedError("not_enabled", f"the guard does not enable motion: {response.message}")
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._done.set()
        self._thread.join()
        with suppress(PeerLostError):  # a guard that is gone holds no lease
            self._ask(False)

    def lapse(self) -> None:
        """Renew it no more; from any thread."""
        self._done.set()

    def _renew(self) -> None:
        while not self._done.wait(self._lease_s / RENEWALS):
            try:
                self._ask(True, self._done.is_set)
            except Exception:  # the guard is gone or we end: the lease lapses, which is what it is for
                continue

    def _ask(self, enable: bool, should_stop: StopCheck = never) -> Any:
        request = ENABLE_MOTION.type.Request(enable=enable, lease_s=self._lease_s, operator_name=getpass.getuser())
        return self._calls.service(self._client, request, should_stop)
