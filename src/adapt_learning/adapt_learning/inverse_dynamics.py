"""Actions from imagined frames (SAIL, section 3.1; Du et al. 2024, UniPi)."""

from __future__ import annotations

import numpy as np
import torch
from adapt_core.errors import ConfigError, ImageError
from adapt_core.types import ActionChunk, ActionSpace, Observation, VideoPlan, WorldSpec
from numpy.typing import NDArray

from adapt_learning.codec import to_images
from adapt_learning.inverse_dynamics_net import InverseDynamicsNet
from adapt_learning.inverse_dynamics_settings import InverseDynamicsSettings
from adapt_learning.motion_targets import add_displacements, orientation_of, place_poses


class LearnedInverseDynamics:
    """Infers the action between each two frames of a plan with one network; implements `InverseDynamics`.

    END_EFFECTOR: predicted displacements are added up from where the end effector is now, the orientation is the present
    one; or the predicted poses are taken as they are. Action k is the pose at imagined frame k, its position kept in the
    world's workspace. RAW: the predicted actions, kept within the world's bounds.
    """

    def __init__(
        self, net: InverseDynamicsNet, settings: InverseDynamicsSettings, world: WorldSpec, frame_skip: int
    ) -> None:
        """Raises ConfigError when `world` does not execute what is predicted."""
        if settings.space not in world.spaces:
            raise ConfigError(f"{world.name} executes no {settings.space.value} actions: choose a preset made for it")
        self._net, self._settings, self._world, self._frame_skip = net.eval(), settings, world, frame_skip

    @torch.no_grad()
    def infer(self, observation: Observation, plan: VideoPlan) -> ActionChunk:
        """One action for each of the plan's frames. Raises ImageError when plan and observation differ in size."""
        if observation.image.shape != plan.frames.shape[1:]:
            sizes = f"frames {plan.frames.shape[1:]}, observation {observation.image.shape}"
            raise ImageError(f"plan and observation differ in size ({sizes}): use one preset for both")
        images = to_images(np.concatenate([observation.image[None], plan.frames]))  # (1 + f, 3, h, w)
        predicted = self._net.between(images.to(self._net.mean.device)).double().cpu().numpy()  # (f, targets)
        space = self._settings.space
        actions = self._raw(predicted) if space is ActionSpace.RAW else self._poses(observation, predicted)
        return ActionChunk(space, actions, self._frame_skip, self._world.frame_id, observation.stamp_s)

    def _raw(self, predicted: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.clip(predicted, self._world.raw_low, self._world.raw_high)

    def _poses(self, observation: Observation, predicted: NDArray[np.float64]) -> NDArray[np.float64]:
        if observation.end_effector is None or self._world.workspace is None:
            raise ConfigError(f"{self._world.name} reports no end effector: use a preset with raw actions")
        if self._settings.oriented:
            return place_poses(predicted, orientation_of(self._net), *self._world.workspace)
        return add_displacements(observation.end_effector, predicted, *self._world.workspace)
