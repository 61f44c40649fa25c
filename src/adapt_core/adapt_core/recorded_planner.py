"""The ceiling of every planner: it "imagines" what an expert's camera saw in the same scene."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from adapt_core.episode_store import EpisodeStore
from adapt_core.errors import StoreError
from adapt_core.ports import StepProgress, StopCheck, never
from adapt_core.running_episode import PLANS_PER_EPISODE, actions_to_execute
from adapt_core.types import ControlLoop, Frames, PlanRequest, VideoPlan

KEPT = 32  # experts' episodes in memory


class RecordedFrames:
    """Shows the frames of a stored demonstration of the same task and seed as its plans; implements `VideoPlanner`.

    What then still fails is not the planner's fault but that of the inverse dynamics or of the control. Frames are shown by
    the clock: plan k starts where k plans before it end. After the demonstration's end its last frame stays.
    """

    def __init__(
        self, demonstrations: EpisodeStore, task_id: str, future_frames: int, control_loop: ControlLoop
    ) -> None:
        """`demonstrations` has an episode of `task_id` for each seed that is asked for."""
        self._store, self._future = demonstrations, future_frames
        self._stride = actions_to_execute(control_loop, future_frames)
        self._episodes = {meta.seed: meta.episode_id for meta in demonstrations.episodes(task_id=task_id)}
        self._frames = lru_cache(KEPT)(demonstrations.read_frames)

    @property
    def weights_version(self) -> str:
        """None: nothing is learned here."""
        return ""

    def plan(
        self, requests: Sequence[PlanRequest], progress: StepProgress | None = None, should_stop: StopCheck = never
    ) -> list[VideoPlan]:
        """See `VideoPlanner`. Raises StoreError for a scene that no demonstration shows."""
        return [
            VideoPlan(
                self._future_of(request.seed),
                request.in_domain_prompt,
                request.prior_prompt,
                request.seed,
                self.weights_version,
                request.stamp_s,
            )
            for request in requests
        ]

    def load_weights(self, version: str) -> None:
        """There are none."""

    def _future_of(self, plan_seed: int) -> Frames:
        seed, index = divmod(plan_seed, PLANS_PER_EPISODE)
        if seed not in self._episodes:
            raise StoreError(f"{self._store.root} has no demonstration of the scene {seed}: collect it first")
        frames = self._frames(self._episodes[seed])  # (n, h, w, 3)
        wanted = index * self._stride + 1 + np.arange(self._future)
        return np.asarray(frames[np.minimum(wanted, len(frames) - 1)])  # (f, h, w, 3)
