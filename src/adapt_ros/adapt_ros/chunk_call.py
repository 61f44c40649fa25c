"""One action chunk on its way through the server behind: progress comes back, a cancel goes on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from rclpy.action import ActionClient
from rclpy.task import Future

from adapt_interfaces.action import ExecuteChunk
from adapt_ros.coroutines import Arrival


class ChunkCall:
    """Sends `goal` when made; all in the thread that spins. `on_executed` hears the observations after executed actions.

    `sequences` are those heard of so far.
    """

    def __init__(
        self, client: ActionClient, goal: ExecuteChunk.Goal, on_executed: Callable[[Sequence[int]], None]
    ) -> None:
        self._handle: Any = None
        self._cancelled = False
        self._on_executed = on_executed
        self._end: Arrival[ExecuteChunk.Result | None] = Arrival()
        self.sequences: Sequence[int] = ()
        sent = client.send_goal_async(goal, feedback_callback=self._on_feedback)
        sent.add_done_callback(self._on_sent)

    async def result(self) -> ExecuteChunk.Result | None:
        """The server's result; None when it took no goal or was given up."""
        return await self._end

    def cancel(self) -> None:
        """Ask the server to stop; once is enough."""
        if not self._cancelled:
            self._cancelled = True
            self._send_cancel()

    def give_up(self) -> None:
        """Wait no longer for a server that does not answer."""
        self._finish(None)

    def _on_sent(self, sent: Future) -> None:
        handle = sent.result()
        if handle is None or not handle.accepted:
            self._finish(None)
            return
        self._handle = handle
        handle.get_result_async().add_done_callback(lambda answer: self._finish(answer.result().result))
        if self._cancelled:
            self._send_cancel()

    def _send_cancel(self) -> None:
        if self._handle is not None:
            self._handle.cancel_goal_async()

    def _on_feedback(self, message: Any) -> None:
        self.sequences = message.feedback.sequences
        self._on_executed(self.sequences)

    def _finish(self, result: ExecuteChunk.Result | None) -> None:
        self._end.set(result)
