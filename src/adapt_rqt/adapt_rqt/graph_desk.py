"""A desk that is the labeler of a running graph."""

from __future__ import annotations

from functools import partial
from typing import Any

from adapt_core.types import LabelValue
from adapt_ros.interfaces import EPISODE_STATUS, LABEL, LABEL_EPISODE, PENDING_EPISODES
from python_qt_binding.QtCore import QObject, QTimer, Signal
from rclpy.node import Node

from adapt_interfaces import msg
from adapt_rqt.calls import ServiceCall
from adapt_rqt.desk import LabelDesk
from adapt_rqt.posting import retire
from adapt_rqt.values import Judgement, Waiting

LABELER = "labeler"
REFRESH_S = 3.0  # between two looks at what waits, beside those that events cause


class GraphDesk(LabelDesk):
    """Its node is spun by somebody else."""

    _event = Signal()

    def __init__(self, node: Node, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._node = node
        self._label = ServiceCall(node, LABEL_EPISODE, LABELER, self)
        self._pending = ServiceCall(node, PENDING_EPISODES, LABELER, self)
        self._subscriptions = [
            LABEL.subscription(node, self._on_label),
            EPISODE_STATUS.subscription(node, lambda _: self._event.emit()),
        ]
        self._event.connect(self.refresh)
        self._timer = QTimer(self)
        self._timer.timeout.connect(self.refresh)
        self._timer.start(int(1000 * REFRESH_S))

    @property
    def ready(self) -> bool:
        """The labeler serves."""
        return self._label.ready

    def refresh(self) -> None:
        """See LabelDesk; nothing is asked of a labeler that is not there."""
        if self._pending.ready:
            self._pending.call(self._tell_pending, lambda _: None)

    def label(self, judgement: Judgement) -> None:
        """See LabelDesk."""
        self._label.call(
            partial(self._tell_label, judgement),
            partial(self.refused.emit, judgement.episode_id),
            episode_id=judgement.episode_id,
            value=judgement.value.value,
            operator_name=judgement.operator,
        )

    def close(self) -> None:
        """See LabelDesk; the node stays."""
        self._timer.stop()
        for subscription in self._subscriptions:
            retire(self._node, partial(self._node.destroy_subscription, subscription))
        self._label.destroy()
        self._pending.destroy()

    def _tell_pending(self, response: Any) -> None:
        self.pending.emit([Waiting(status.store, status.episode_id) for status in response.episodes])

    def _tell_label(self, judgement: Judgement, response: Any) -> None:
        if response.success:
            self.kept.emit(judgement)
        else:
            self.refused.emit(judgement.episode_id, response.message)

    def _on_label(self, label: msg.Label) -> None:
        self.heard.emit(Judgement(label.episode_id, LabelValue(label.value), label.operator_name))
        self._event.emit()
