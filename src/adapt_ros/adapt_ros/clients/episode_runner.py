"""The episode_runner node as an EpisodeRunner."""

from __future__ import annotations

from typing import Any

from adapt_core.errors import AdaptError
from adapt_core.ports import StepProgress, StopCheck, never
from adapt_core.types import EpisodeRequest, EpisodeResult

from adapt_ros.clients.calls import START_S, Calls
from adapt_ros.clients.peer import Peer
from adapt_ros.convert import from_episode_status, to_episode_goal
from adapt_ros.interfaces import RUN_EPISODE
from adapt_ros.node import AdaptNode


class RosEpisodeRunner:
    """See ports.EpisodeRunner."""

    def __init__(self, node: AdaptNode, namespace: str = "", start_timeout_s: float = START_S) -> None:
        self._calls = Calls(node, Peer(node, "episode_runner", namespace), start_timeout_s)
        self._run = RUN_EPISODE.client(node, namespace)

    def run(
        self, request: EpisodeRequest, progress: StepProgress | None = None, should_stop: StopCheck = never
    ) -> EpisodeResult:
        """One goal. Raises AdaptError with the node's message when no episode could begin."""

        def report(_: int, feedback: Any) -> None:
            if progress is not None:
                progress(feedback.step, feedback.steps)

        [result] = self._calls.action(self._run, [to_episode_goal(request)], should_stop, report)
        if result.message or not result.episode.episode_id:
            raise AdaptError(result.message or "the episode could not begin: see the log of episode_runner")
        return from_episode_status(result.episode)
