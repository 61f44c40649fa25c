"""The enable lease, held for as long as the panel lives, its screen answers and the operator wants it."""

from __future__ import annotations

import time
from typing import Any

from adapt_ros.interfaces import ENABLE_MOTION
from python_qt_binding.QtCore import QObject, QTimer, Signal
from rclpy.clock import Clock
from rclpy.clock_type import ClockType
from rclpy.node import Node
from rclpy.task import Future

from adapt_rqt.posting import post, retire
from adapt_rqt.values import LEASE_S

RENEWALS = 4  # within the lease
SCREEN_S = 1.0  # a screen that answers nobody for so long could not be used to stop the robot: the lease lapses
SIGN_S = 0.1  # between two signs of life of the screen


class PanelLease(QObject):
    """Renewed by a timer of the node, thus in the thread that spins it: a busy screen does not hold it up."""

    held = Signal(bool)  # this panel holds it
    refused = Signal(str)  # why motion is not enabled, and what to do

    _lost = Signal(str)

    def __init__(self, node: Node, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._node = node
        self._wanted_by = ""  # the operator's name
        self._screen_s = time.monotonic()
        self._client = ENABLE_MOTION.client(node)
        self._steady = Clock(clock_type=ClockType.STEADY_TIME)
        self._renewing = node.create_timer(LEASE_S / RENEWALS, self._renew, clock=self._steady)
        self._lost.connect(self._on_lost)
        self._sign = QTimer(self)
        self._sign.timeout.connect(self._show_life)
        self._sign.start(int(1000 * SIGN_S))

    def take(self, operator: str) -> None:
        """Enable motion in the name of `operator` until `give_back`."""
        if not operator:
            self.refused.emit("Who are you? Type your name first: motion is enabled in somebody's name.")
        elif not self._client.service_is_ready():
            self.refused.emit("There is no guard: start the graph (adapt up), then enable motion again.")
        else:
            self._show_life()
            self._wanted_by = operator
            self.held.emit(True)

    def give_back(self) -> None:
        """Motion is not enabled any more, at once."""
        if self._wanted_by:
            self._wanted_by = ""
            self.held.emit(False)
            post(self._node, self._give_back)

    def close(self) -> None:
        """Give it back and renew no more; the node stays."""
        self.give_back()
        self._sign.stop()
        retire(self._node, lambda: self._node.destroy_timer(self._renewing))
        retire(self._node, lambda: self._node.destroy_client(self._client))

    def _show_life(self) -> None:
        self._screen_s = time.monotonic()

    def _renew(self) -> None:
        """In the thread that spins."""
        if not self._wanted_by:
            return
        if time.monotonic() - self._screen_s > SCREEN_S:
            self._lose(f"this panel did not react for {SCREEN_S:g} s. Look at the robot, then enable it again")
        elif not self._client.service_is_ready():
            self._lose("the guard is gone. Start the graph again, look at the robot, then enable it")
        else:
            self._ask(enable=True, lease_s=LEASE_S, operator_name=self._wanted_by)

    def _give_back(self) -> None:
        self._ask(enable=False)

    def _ask(self, **request: Any) -> None:
        self._client.call_async(ENABLE_MOTION.type.Request(**request)).add_done_callback(self._answer)

    def _answer(self, answer: Future) -> None:
        response = answer.result()
        if response is not None and not response.success and self._wanted_by:
            self._lose(response.message)

    def _lose(self, why: str) -> None:
        """Nothing is enabled again before the operator wants it again."""
        self._wanted_by = ""
        self._lost.emit(why)

    def _on_lost(self, why: str) -> None:
        self.held.emit(False)
        self.refused.emit(f"Motion is not enabled: {why}")
