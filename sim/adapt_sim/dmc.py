"""DeepMind Control Suite: any of its domains and tasks, driven by raw actions."""

from __future__ import annotations

import difflib
from typing import Any

import numpy as np
from adapt_core.errors import UnknownTaskError
from adapt_core.types import ActionSpace, Image, Vector, WorldSpec
from dm_control import suite

from adapt_sim.rendering import SceneRenderer
from adapt_sim.simulated_world import SimulatedWorld

CAMERA_ID = 0
TASK_IDS = tuple(f"{domain}-{task}" for domain, task in suite.ALL_TASKS)


class DmcWorld(SimulatedWorld):
    """Any task of the suite, named domain-task: "cartpole-swingup", "ball_in_cup-catch".

    Action dimension and control step are the task's, so `spec` is that of the last reset. There is no episode cap and
    no end effector. Success means that the last control step's reward, in [0, 1], reached `success_reward`.
    """

    def __init__(self, image_size: int = 128, task: str = "cartpole-swingup", success_reward: float = 0.9) -> None:
        """`image_size` is the image's height and width in pixels, `task` the one that `spec` shows before a reset."""
        super().__init__()
        self._image_shape = (image_size, image_size)
        self._success_reward = success_reward
        self._renderer: SceneRenderer | None = None
        self._load(task)

    @property
    def spec(self) -> WorldSpec:
        """What this world offers for the task of the last reset."""
        return self._spec

    @property
    def success(self) -> bool:
        """Whether the last control step's reward reached the threshold (not latched)."""
        return self._reward >= self._success_reward

    def close(self) -> None:
        """Release the renderer. A second call does nothing; the next observation opens it again."""
        if self._renderer is not None:
            self._renderer.close()
            self._renderer = None

    def _load(self, task_id: str) -> None:
        if task_id not in TASK_IDS:
            close = difflib.get_close_matches(task_id, TASK_IDS, n=5, cutoff=0.4)
            raise UnknownTaskError(f"DMC has no task '{task_id}'; did you mean: {', '.join(close or TASK_IDS)}?")
        self._task_id = task_id
        self._env: Any = suite.load(*task_id.split("-"))
        self._sub_steps = round(self._env.control_timestep() / self._env.physics.timestep())
        self._reward = 0.0
        actions = self._env.action_spec()
        self._spec = WorldSpec(
            name="dmc",
            image_shape=self._image_shape,
            spaces=(ActionSpace.RAW,),
            raw_low=np.broadcast_to(actions.minimum, actions.shape).astype(np.float64),
            raw_high=np.broadcast_to(actions.maximum, actions.shape).astype(np.float64),
            control_dt_s=self._env.control_timestep(),
            frame_id="dmc_world",
        )

    def _set_up(self, task_id: str, seed: int) -> None:
        if task_id != self._task_id:
            self._load(task_id)
        self.close()  # some tasks change terrain that is drawn from a copy
        self._env.task.random.seed(seed)
        self._env.reset()
        self._reward = 0.0

    def _control_step(self, space: ActionSpace, action: Vector) -> None:
        task, physics = self._env.task, self._env.physics  # env.step would reset at the end of its episode
        task.before_step(action, physics)
        physics.step(self._sub_steps)
        task.after_step(physics)
        self._reward = float(task.get_reward(physics))

    def _render(self) -> Image:
        physics = self._env.physics
        if self._renderer is None:
            self._renderer = SceneRenderer(physics.model.ptr, *self._image_shape)
        return self._renderer.render(physics.data.ptr, CAMERA_ID)

    def _end_effector(self) -> None:
        return None
