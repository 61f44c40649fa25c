"""The main() of every node: start, spin, end cleanly."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable
from types import FrameType
from typing import NoReturn

import rclpy
from adapt_core.errors import AdaptError, ConfigError
from rclpy.impl.implementation_singleton import rclpy_implementation
from rclpy.signals import SignalHandlerOptions

from adapt_ros.node import AdaptNode
from adapt_ros.spinning import make_executor

GRACE_S = 2.5  # for the worker to end what it does after SIGINT or SIGTERM
LAST_CALLBACKS = 20  # after that, so that the results of what ended are still sent


class _Signals:
    """SIGINT and SIGTERM: while the node starts they end it at once, while it spins they ask it to end."""

    def __init__(self) -> None:
        self.spinning = False
        self.received = 0
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._handle)

    def _handle(self, _number: int, _frame: FrameType | None) -> None:
        self.received += 1
        if not self.spinning:
            raise SystemExit(0)
        if self.received > 2:
            os._exit(1)  # asked three times: do not wait for anything


def run_node(make_node: Callable[[], AdaptNode]) -> NoReturn:
    """Run one node until SIGINT or SIGTERM, then exit with 0; an AdaptError at start is one line and exit code 1."""
    signals = _Signals()
    code, idle = 0, True
    try:
        _init()
        idle = _spin(make_node(), signals)
    except AdaptError as error:
        print(f"error: {error}", file=sys.stderr, flush=True)
        code = 1
    finally:
        rclpy.try_shutdown()
    if not idle:  # a thread still computes: Python would wait for it or crash in it
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
    sys.exit(code)


def _init() -> None:
    try:
        rclpy.init(signal_handler_options=SignalHandlerOptions.NO)
    except (rclpy_implementation.RCLError, rclpy_implementation.UnknownROSArgsError) as error:
        raise ConfigError(f"ROS cannot start with these arguments or this environment: {error}") from error


def _spin(node: AdaptNode, signals: _Signals) -> bool:
    """Spin until a signal; whether the worker was idle at the end."""
    executor = make_executor()
    executor.add_node(node)
    try:
        node.begin()
        signals.spinning = True
        while not signals.received:
            executor.spin_once(timeout_sec=0.5)
        node.stop()
        deadline = time.monotonic() + GRACE_S
        while node.busy and time.monotonic() < deadline:
            executor.spin_once(timeout_sec=0.05)
        for _ in range(LAST_CALLBACKS):
            executor.spin_once(timeout_sec=0.01)
        return not node.busy
    finally:
        executor.remove_node(node)
        node.destroy_node()
        executor.shutdown()
