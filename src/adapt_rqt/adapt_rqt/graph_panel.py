"""The panel of a running graph: widget, model and link wired together, over a node that somebody else spins."""

from __future__ import annotations

from python_qt_binding.QtCore import QObject, QTimer
from rclpy.node import Node

from adapt_rqt.graph_desk import GraphDesk
from adapt_rqt.model import LabelModel
from adapt_rqt.robot_link import RobotLink
from adapt_rqt.values import GuardState
from adapt_rqt.widget import PanelWidget

LOOK_S = 0.5  # how soon it is seen that a graph came or went


class GraphPanel(QObject):
    """Shows, too, that there is no graph yet, and goes on when one comes."""

    def __init__(self, node: Node, operator: str) -> None:
        super().__init__()
        self._namespace = node.get_namespace()
        self._desk = GraphDesk(node, self)
        self._link = RobotLink(node, self)
        self.model = LabelModel(self._desk, operator, self)
        self.widget = PanelWidget(self.model, with_robot=True)
        self.widget.setWindowTitle(f"adapt {self._namespace}")
        self._there: bool | None = None
        self._guard: GuardState | None = None
        self._wire()
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._look)
        self._timer.start(int(1000 * LOOK_S))
        self._look()

    def close(self) -> None:
        """Give the lease back, stop timers and threads, destroy all ends; the node stays."""
        self._timer.stop()
        self._link.close()
        self._desk.close()
        self.widget.close_parts()

    def _wire(self) -> None:
        motion, link = self.widget.motion, self._link
        assert motion is not None
        motion.stop.connect(link.stop)
        motion.enable.connect(self._enable)
        motion.reset_stop.connect(link.reset_stop)
        motion.recover.connect(link.recover)
        motion.preview.answered.connect(self._answer)
        motion.scene.confirmed.connect(self._confirm)
        link.guard.connect(self._take_guard)
        link.lease.held.connect(motion.show_held)
        link.weights.connect(self.widget.show_weights)
        link.preview.connect(motion.preview.ask)
        link.scene.connect(motion.scene.ask)
        link.said.connect(self.widget.say)

    def _enable(self, wanted: bool) -> None:
        if wanted:
            self._link.lease.take(self.model.operator)
        else:
            self._link.lease.give_back()

    def _answer(self, plan_hash: str, approve: bool) -> None:
        self._link.answer(plan_hash, approve, self.model.operator)

    def _confirm(self, number: int) -> None:
        self._link.confirm_scene(number, self.model.operator)

    def _take_guard(self, state: GuardState) -> None:
        """After a stop nothing moves again before somebody has enabled it anew."""
        self._guard = state
        if state.stopped:
            self._link.lease.give_back()
        self._show_guard()

    def _look(self) -> None:
        """Who is there?"""
        there = self._desk.ready
        if there != self._there:
            self._there = there
            self.widget.say(
                f"Connected to {self._namespace}."
                if there
                else f"No graph is running under {self._namespace}: start it with `adapt up`; this panel waits for it."
            )
            self._desk.refresh()
        self._show_guard()

    def _show_guard(self) -> None:
        assert self.widget.motion is not None
        self.widget.motion.show_guard(self._guard if self._link.ready else None)
