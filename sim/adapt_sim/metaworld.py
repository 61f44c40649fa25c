"""MetaWorld: a Sawyer arm and fifty table-top tasks, driven by end-effector targets or raw actions."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import mujoco
import numpy as np
from adapt_core.types import ActionSpace, Image, Observation, Vector, WorldSpec
from numpy.typing import NDArray

from adapt_sim.domain_randomisation import randomise_look
from adapt_sim.metaworld_envs import Env, canonical_task_id, make_env, restore_model, seed_env
from adapt_sim.observation_camera import CAMERA, place_observation_camera
from adapt_sim.paired_scenes import open_partly, pair_scene
from adapt_sim.proportional_control import track
from adapt_sim.rendering import SceneRenderer
from adapt_sim.scripted_expert import expert
from adapt_sim.simulated_world import SimulatedWorld

FRAME_ID = "metaworld_world"
CONTROL_DT_S = 0.0125
HAND_QUATERNION = (0.0, np.sqrt(0.5), 0.0, np.sqrt(0.5))  # (x, y, z, w), held fixed by the mocap weld
CLAW_CLOSED_M, CLAW_OPEN_M = 0.03, 0.1  # distance between the claws
CACHED_ENVS = 12  # about 40 MB and 0.4 s to build each
MIDWAY_STEPS = 120  # the most of an expert's control steps, before a scene begins
PUSH_STEPS = (4, 20)  # the hand is pushed for so many, about 1 cm each
WORKSPACE_LOW, WORKSPACE_HIGH = (-0.55, 0.3, -0.2), (0.55, 1.05, 0.55)  # mocap bounds of all tasks, 5 cm wider


class MetaWorldWorld(SimulatedWorld):
    """Any MetaWorld task, for example "drawer-close".

    END_EFFECTOR positions are in MetaWorld's world frame and tracked by a proportional controller; the orientation is
    fixed, so that of an action is ignored. RAW actions are MetaWorld's own: mocap displacement and gripper effort, each
    in [-1, 1] and held for `frame_skip` control steps. There is no episode cap.
    """

    def __init__(
        self,
        image_size: int = 128,
        randomise_seed: int | None = None,
        start_fraction: tuple[float, float] | None = None,
        midway: bool = False,
    ) -> None:
        """`image_size` is the height and width of the image in pixels.

        With `randomise_seed` each scene has another look, see `domain_randomisation`. With `start_fraction` drawers,
        doors, windows and faucets start partly open, see `paired_scenes`. `midway` scenes begin in the middle of the task:
        its expert has acted for a while, then the hand was pushed off its path. Demonstrations from there show how to
        recover (as in DART, Laskey et al. 2017).
        """
        super().__init__()
        self._spec = WorldSpec(
            name="metaworld",
            image_shape=(image_size, image_size),
            spaces=(ActionSpace.END_EFFECTOR, ActionSpace.RAW),
            raw_low=-np.ones(4),
            raw_high=np.ones(4),
            control_dt_s=CONTROL_DT_S,
            frame_id=FRAME_ID,
            workspace=(np.array(WORKSPACE_LOW), np.array(WORKSPACE_HIGH)),
        )
        self._randomise_seed = randomise_seed
        self._start_fraction = start_fraction
        self._midway = midway
        self._make_env = lru_cache(CACHED_ENVS)(make_env)
        self._env: Env = None
        self._renderer: SceneRenderer | None = None
        self._state: Vector = np.zeros(39)
        self._success = False

    @property
    def spec(self) -> WorldSpec:
        """What this world offers."""
        return self._spec

    @property
    def success(self) -> bool:
        """MetaWorld's own success test at this instant (not latched)."""
        return self._success

    @property
    def state(self) -> Vector:
        """MetaWorld's privileged observation (39,), goal included: what its scripted experts act on."""
        return self._state

    @property
    def scene(self) -> tuple[Any, Any]:
        """The simulator's model and data (mujoco.MjModel, mujoco.MjData) since the last reset."""
        return self._env.model, self._env.data

    def look(self) -> Image:
        """The observation camera's image now, however the scene was changed."""
        mujoco.mj_forward(*self.scene)
        return self._render()

    def advance(self, policy: Callable[[Vector], Vector], steps: int) -> NDArray[np.float64]:
        """Act on `policy`, from `state` (39,) to raw action (4,), for `steps` control steps: the actions (steps, 4)."""
        actions = np.empty((steps, 4))
        for step in range(steps):
            actions[step] = policy(self._state)
            self._advance(ActionSpace.RAW, actions[step])
        return actions

    def follow(self, policy: Callable[[Vector], Vector], steps: int) -> tuple[NDArray[np.float64], Observation]:
        """Act on `policy`, from `state` (39,) to raw action (4,), for `steps` control steps.

        Returns the raw actions (steps, 4) and the observation after the last. Unlike `execute` it sees the state at
        each control step and draws only once.
        """
        return self.advance(policy, steps), self._observe()

    def close(self) -> None:
        """Release the renderer. A second call does nothing; the next observation opens it again."""
        if self._renderer is not None:
            self._renderer.close()
            self._renderer = None

    def _set_up(self, task_id: str, seed: int) -> None:
        task_id = canonical_task_id(task_id)
        env = self._make_env(task_id)
        if self._env is not env:
            self.close()  # before its replacement is made
        self._env = env
        restore_model(env)
        place_observation_camera(env.model)
        if self._start_fraction is not None:
            pair_scene(env, task_id)
        if self._randomise_seed is not None:
            randomise_look(env.model, np.random.default_rng([self._randomise_seed, seed]))
        self._draw_scene(task_id, seed)
        if self._midway:
            self._go_midway(task_id, seed)

    def _draw_scene(self, task_id: str, seed: int) -> None:
        self._state = seed_env(self._env, seed)
        if self._start_fraction is not None:
            fraction = float(np.random.default_rng(seed).uniform(*self._start_fraction))
            self._state = open_partly(self._env, task_id, fraction)
        self._success = bool(self._env.evaluate_state(self._state, np.zeros(4, np.float32))[1]["success"])

    def _go_midway(self, task_id: str, seed: int) -> None:
        """Act and push, half as long as before wherever that already did the task."""
        rng = np.random.default_rng([seed, MIDWAY_STEPS])
        steps, pushes = int(rng.integers(MIDWAY_STEPS)), int(rng.integers(*PUSH_STEPS))
        direction = rng.normal(size=3)
        direction /= np.linalg.norm(direction)
        policy = expert(task_id, seed)
        while not self._reached(policy, direction, steps, pushes) and steps:
            steps, pushes = steps // 2, pushes // 2
            self._draw_scene(task_id, seed)

    def _reached(self, policy: Callable[[Vector], Vector], direction: Vector, steps: int, pushes: int) -> bool:
        """Whether `steps` of the policy and `pushes` in `direction` (3,) left the task undone."""
        for step in range(steps + pushes):
            action = policy(self._state)
            if step >= steps:
                action[:3] = direction
            self._control_step(ActionSpace.RAW, action)
            if self._success:
                return False
        return True

    def _control_step(self, space: ActionSpace, action: Vector) -> None:
        raw = track(self._env.get_endeff_pos(), action) if space is ActionSpace.END_EFFECTOR else action
        self._state, _, _, _, info = self._env.step(raw.astype(np.float32))
        self._success = bool(info["success"])

    def _render(self) -> Image:
        height, width = self._spec.image_shape
        if self._renderer is None:
            self._renderer = SceneRenderer(self._env.model, height, width)
        return self._renderer.render(self._env.data, self._env.model.camera(CAMERA).id)

    def _end_effector(self) -> Vector:
        data = self._env.data
        claws_m = float(np.linalg.norm(data.body("rightclaw").xpos - data.body("leftclaw").xpos))
        opening = np.clip((claws_m - CLAW_CLOSED_M) / (CLAW_OPEN_M - CLAW_CLOSED_M), 0.0, 1.0)
        return np.concatenate([self._env.get_endeff_pos(), HAND_QUATERNION, [opening]])
