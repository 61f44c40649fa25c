"""The trainer node as a Trainer."""

from __future__ import annotations

from typing import Any

from adapt_core.errors import CancelledByUserError, TrainingError
from adapt_core.ports import LossProgress, StopCheck, never
from adapt_core.types import FinetuneRequest

from adapt_ros.clients.calls import START_S, Calls
from adapt_ros.clients.peer import Peer
from adapt_ros.convert import to_finetune_goal
from adapt_ros.interfaces import FINETUNE
from adapt_ros.node import AdaptNode


class RosTrainer:
    """See ports.Trainer."""

    def __init__(self, node: AdaptNode, namespace: str = "", start_timeout_s: float = START_S) -> None:
        self._calls = Calls(node, Peer(node, "trainer", namespace), start_timeout_s)
        self._finetune = FINETUNE.client(node, namespace)

    def finetune(
        self, request: FinetuneRequest, progress: LossProgress | None = None, should_stop: StopCheck = never
    ) -> str:
        """One goal. Raises TrainingError with the node's message."""

        def report(_: int, feedback: Any) -> None:
            if progress is not None:
                progress(feedback.step, feedback.steps, feedback.loss)

        [result] = self._calls.action(self._finetune, [to_finetune_goal(request)], should_stop, report)
        if should_stop() and not result.version:
            raise CancelledByUserError("finetuning was cancelled; the same command continues it")
        if result.message or not result.version:
            raise TrainingError(result.message or "the trainer wrote no weights: see its log")
        return str(result.version)
