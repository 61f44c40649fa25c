"""Planner, inverse dynamics and trainer without models: `preset:=fake` runs the whole graph with them, as the tests do.

The imagined frames are the image moving left; the actions move the hand along x, which solves the tasks of PointWorld.
"""

from __future__ import annotations

import time
from collections.abc import Sequence

import numpy as np
from adapt_core.errors import CancelledByUserError, ConfigError, WeightsError
from adapt_core.ports import LossProgress, StepProgress, StopCheck, never
from adapt_core.robots import Robot
from adapt_core.types import ActionChunk, ActionSpace, FinetuneRequest, Observation, PlanRequest, VideoPlan

FIRST_VERSION = "fake-embedded"
BROKEN = "broken"  # no weights whose name begins so can be loaded
ADVANCE_M = 0.05


class FakePlanner:
    """See ports.VideoPlanner. `batches` holds the size of each batch that was sampled."""

    def __init__(self, frames: int = 8, steps: int = 4, step_s: float = 0.0) -> None:
        self._frames = frames
        self._steps = steps
        self._step_s = step_s
        self._version = FIRST_VERSION
        self.batches: list[int] = []

    @property
    def weights_version(self) -> str:
        """The version loaded last."""
        return self._version

    def plan(
        self, requests: Sequence[PlanRequest], progress: StepProgress | None = None, should_stop: StopCheck = never
    ) -> list[VideoPlan]:
        """Takes `step_s` a step."""
        self.batches.append(len(requests))
        for step in range(self._steps):
            if should_stop():
                raise CancelledByUserError("imagining was cancelled")
            time.sleep(self._step_s)
            if progress is not None:
                progress(step + 1, self._steps)
        return [self._imagine(request) for request in requests]

    def load_weights(self, version: str) -> None:
        """Raises WeightsError for a version called broken."""
        if version.startswith(BROKEN):
            raise WeightsError(f"the weights {version} are damaged: train them again")
        self._version = version

    def _imagine(self, request: PlanRequest) -> VideoPlan:
        shifts = range(1, self._frames + 1)
        frames = np.stack([np.roll(request.image, -2 * shift, axis=1) for shift in shifts])  # (f, h, w, 3)
        prompts = request.in_domain_prompt, request.prior_prompt
        return VideoPlan(frames, *prompts, request.seed, self._version, request.stamp_s)


class FakeInverseDynamics:
    """See ports.InverseDynamics. Goes along x whatever was imagined."""

    def __init__(self, robot: Robot) -> None:
        self._robot = robot

    def infer(self, observation: Observation, plan: VideoPlan) -> ActionChunk:
        """One pose a frame, `ADVANCE_M` apart, gripper as it is. Raises ConfigError for a robot without a hand."""
        if observation.end_effector is None or self._robot.workspace is None:
            raise ConfigError("preset fake is for robots with an end effector: choose another preset")
        poses = np.repeat(observation.end_effector[None], len(plan.frames), axis=0)  # (f, 8)
        poses[:, 0] += ADVANCE_M * np.arange(1, len(plan.frames) + 1)
        poses[:, :3] = np.clip(poses[:, :3], self._robot.workspace.low, self._robot.workspace.high)
        robot = self._robot
        return ActionChunk(ActionSpace.END_EFFECTOR, poses, robot.frame_skip, robot.frame_id, observation.stamp_s)


class FakeTrainer:
    """See ports.Trainer. Learns nothing and writes nothing."""

    def __init__(self, step_s: float = 0.0) -> None:
        self._step_s = step_s
        self.requests: list[FinetuneRequest] = []

    def finetune(
        self, request: FinetuneRequest, progress: LossProgress | None = None, should_stop: StopCheck = never
    ) -> str:
        """Takes `step_s` a step."""
        self.requests.append(request)
        for step in range(request.steps):
            if should_stop():
                raise CancelledByUserError("finetuning was cancelled; the same command continues it")
            time.sleep(self._step_s)
            if progress is not None:
                progress(step + 1, request.steps, 1.0 / (step + 1))
        return request.new_version
