"""A world without physics: a point that goes where it is told, at the pace of a real robot if wanted."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np
from adapt_core.errors import UnknownTaskError
from adapt_core.ports import StopCheck, never
from adapt_core.types import ActionChunk, ActionSpace, Image, Observation, Vector, WorldSpec

HOME = (0.0, 0.6, 0.2, 0.0, 0.0, 0.0, 1.0, 1.0)
RAW_DIM = 4
DOT = 4  # pixels from the middle of the dot to its edge


class PointWorld:
    """Serves `source:=mock` and the tests. Knows every task but "no-such-task"; a task is done beyond x = 0.4 m.

    END_EFFECTOR actions set the pose, RAW ones move it by centimetres. With `pace` 1 a control step lasts as long as it
    says, with 0 no time at all.
    """

    def __init__(self, image_size: int = 128, pace: float = 0.0, control_dt_s: float = 0.05) -> None:
        low, high = np.array([-0.5, 0.4, 0.05]), np.array([0.5, 1.0, 0.5])
        self._spec = WorldSpec(
            name="point",
            image_shape=(image_size, image_size),
            spaces=(ActionSpace.END_EFFECTOR, ActionSpace.RAW),
            raw_low=-np.ones(RAW_DIM),
            raw_high=np.ones(RAW_DIM),
            control_dt_s=control_dt_s,
            frame_id="world",
            workspace=(low, high),
        )
        self._pace = pace
        self._now = Observation(self._draw(np.array(HOME)), np.array(HOME), 0.0, 0, False)

    @property
    def spec(self) -> WorldSpec:
        """What this world offers."""
        return self._spec

    def reset(self, task_id: str, seed: int) -> Observation:
        """Go home, a little beside it by `seed`."""
        if task_id == "no-such-task":
            raise UnknownTaskError('no task "no-such-task": choose any other')
        pose = np.array(HOME)
        pose[:3] += np.random.default_rng(seed).uniform(-0.05, 0.05, 3)
        self._now = self._at(pose, self._now.stamp_s + self._spec.control_dt_s, 0)
        return self._now

    def execute(self, chunk: ActionChunk, should_stop: StopCheck = never) -> list[Observation]:
        """Go there, looking at `should_stop` at each control step."""
        observations: list[Observation] = []
        for action in chunk.actions:
            for _ in range(chunk.frame_skip):
                if should_stop():
                    return observations
                time.sleep(self._pace * self._spec.control_dt_s)
                self._step(chunk.space, action)
            observations.append(self._now)
        return observations

    def close(self) -> None:
        """Nothing to release."""

    def _step(self, space: ActionSpace, action: Vector) -> None:
        assert self._now.end_effector is not None
        pose = self._now.end_effector.copy()
        if space is ActionSpace.END_EFFECTOR:
            pose[:] = action
        else:
            pose[:3] += 0.01 * action[:3]
        self._now = self._at(pose, self._now.stamp_s + self._spec.control_dt_s, self._now.step + 1)

    def _at(self, pose: Vector, stamp_s: float, step: int) -> Observation:
        return replace(
            self._now,
            image=self._draw(pose),
            end_effector=pose,
            stamp_s=stamp_s,
            step=step,
            success=bool(pose[0] > 0.4),
        )

    def _draw(self, pose: Vector) -> Image:
        height, width = self._spec.image_shape
        image = np.full((height, width, 3), 40, np.uint8)  # (h, w, 3)
        column = int((pose[0] + 0.5) * (width - 1))
        row = int((1.0 - pose[1]) / 0.6 * (height - 1))
        image[max(row - DOT, 0) : row + DOT, max(column - DOT, 0) : column + DOT] = (230, 120, 30)
        return image
