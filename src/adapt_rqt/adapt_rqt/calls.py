"""Calls of services, asked and answered in Qt's thread, made in the thread that spins the node."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from adapt_ros.endpoints import ServiceName
from python_qt_binding.QtCore import QObject, QTimer, Signal
from rclpy.node import Node
from rclpy.task import Future

from adapt_rqt.posting import post, retire

ANSWER_S = 5.0  # how long an answer is waited for


class ServiceCall(QObject):
    """Calls of one service of the graph's node `server`."""

    _ended = Signal(int, object)

    def __init__(self, node: Node, service: ServiceName, server: str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._node = node
        self._service = service
        self._server = server
        self._client = service.client(node)
        self._receivers: dict[int, tuple[Callable[[Any], None], Callable[[str], None]]] = {}
        self._calls = 0
        self._retired = False
        self._ended.connect(self._deliver)

    @property
    def ready(self) -> bool:
        """Somebody serves, and may still be asked."""
        return not self._retired and bool(self._client.service_is_ready())

    def call(self, done: Callable[[Any], None], failed: Callable[[str], None], **request: Any) -> None:
        """Ask; the response goes to `done`, or a sentence to `failed` where there is nobody, or no answer in time."""
        if not self.ready:
            failed(
                f"there is no {self._server} in {self._node.get_namespace()}: start the graph (adapt up) and try again"
            )
            return
        self._calls += 1
        number = self._calls
        self._receivers[number] = (done, failed)
        QTimer.singleShot(int(1000 * ANSWER_S), lambda: self._give_up(number))
        post(self._node, lambda: self._send(number, self._service.type.Request(**request)))

    def destroy(self) -> None:
        """Answers are not delivered any more."""
        self._retired = True
        self._receivers.clear()
        retire(self._node, lambda: self._node.destroy_client(self._client))

    def _send(self, number: int, request: Any) -> None:
        self._client.call_async(request).add_done_callback(lambda answer: self._answer(number, answer))

    def _answer(self, number: int, answer: Future) -> None:
        self._ended.emit(number, answer.result())

    def _deliver(self, number: int, response: Any) -> None:
        receivers = self._receivers.pop(number, None)
        if receivers is not None:
            receivers[0](response)

    def _give_up(self, number: int) -> None:
        receivers = self._receivers.pop(number, None)
        if receivers is not None:
            receivers[1](f"{self._server} has not answered for {ANSWER_S:g} s: is its process alive? See its log")
