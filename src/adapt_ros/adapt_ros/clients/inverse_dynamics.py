"""The inverse dynamics node as an InverseDynamics."""

from __future__ import annotations

from adapt_core.errors import AdaptError
from adapt_core.types import ActionChunk, Observation, VideoPlan

from adapt_ros.clients.calls import START_S, Calls
from adapt_ros.clients.peer import Peer
from adapt_ros.convert import from_chunk, to_observation, to_video_plan
from adapt_ros.interfaces import INFER_ACTIONS
from adapt_ros.node import AdaptNode


class RosInverseDynamics:
    """See ports.InverseDynamics. `frame_id` is the frame of the robot's poses."""

    def __init__(self, node: AdaptNode, frame_id: str, namespace: str = "", start_timeout_s: float = START_S) -> None:
        self._calls = Calls(node, Peer(node, "inverse_dynamics", namespace), start_timeout_s)
        self._infer = INFER_ACTIONS.client(node, namespace)
        self._frame_id = frame_id

    def infer(self, observation: Observation, plan: VideoPlan) -> ActionChunk:
        """One goal. Raises AdaptError with the node's message."""
        goal = INFER_ACTIONS.type.Goal(
            observation=to_observation(observation, 0, self._frame_id), plan=to_video_plan(plan)
        )
        [result] = self._calls.action(self._infer, [goal])
        if result.message or not result.chunk.actions:
            raise AdaptError(result.message or "inverse dynamics gave no actions: see its log")
        return from_chunk(result.chunk)
