"""Actions from imagined frames (SAIL, section 3.1; Du et al. 2024, UniPi)."""

from __future__ import annotations

import numpy as np
import torch
from adapt_core.errors import ConfigError, ImageError
from adapt_core.types import ActionChunk, ActionSpace, Observation, Vector, VideoPlan, WorldSpec
from numpy.typing import NDArray

from adapt_learning.codec import to_images
from adapt_learning.frame_pair_net import FramePairNet

_GRIPPER = 7


class LearnedInverseDynamics:
    """Infers the action between each two frames of a plan with one network; implements `InverseDynamics`.

    END_EFFECTOR: the predicted displacements are added up from where the end effector is now, so that action k is the
    pose at imagined frame k; positions are kept in the world's workspace, the orientation is the present one. RAW: the
    predicted actions, kept within the world's bounds.
    """

    def __init__(self, net: FramePairNet, space: ActionSpace, world: WorldSpec, frame_skip: int) -> None:
        """Raises ConfigError when `world` does not execute `space`."""
        if space not in world.spaces:
            raise ConfigError(f"{world.name} executes no {space.value} actions: choose a preset made for it")
        self._net, self._space, self._world, self._frame_skip = net.eval(), space, world, frame_skip

    @torch.no_grad()
    def infer(self, observation: Observation, plan: VideoPlan) -> ActionChunk:
        """One action for each of the plan's frames. Raises ImageError when plan and observation differ in size."""
        if observation.image.shape != plan.frames.shape[1:]:
            sizes = f"frames {plan.frames.shape[1:]}, observation {observation.image.shape}"
            raise ImageError(f"plan and observation differ in size ({sizes}): use one preset for both")
        device = next(self._net.parameters()).device
        images = to_images(np.concatenate([observation.image[None], plan.frames])).to(device)  # (1 + f, 3, h, w)
        predicted = self._net(images[:-1], images[1:]).double().cpu().numpy()  # (f, targets)
        actions = self._raw(predicted) if self._space is ActionSpace.RAW else self._poses(observation, predicted)
        return ActionChunk(self._space, actions, self._frame_skip, self._world.frame_id, observation.stamp_s)

    def _raw(self, predicted: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.clip(predicted, self._world.raw_low, self._world.raw_high)

    def _poses(self, observation: Observation, predicted: NDArray[np.float64]) -> NDArray[np.float64]:
        if observation.end_effector is None or self._world.workspace is None:
            raise ConfigError(f"{self._world.name} reports no end effector: use a preset with raw actions")
        return integrate_displacements(observation.end_effector, predicted, *self._world.workspace)


def integrate_displacements(
    now: Vector, predicted: NDArray[np.float64], low: Vector, high: Vector
) -> NDArray[np.float64]:
    """Pose targets (n, 8) from the pose `now` (8,) and (n, 4) displacements [m] with gripper openings.

    Positions are clamped to the box `low`, `high` (3,) after each step, so that a plan that leaves it can come back.
    """
    poses = np.tile(now, (len(predicted), 1))  # (n, 8)
    position = now[:3]
    for pose, step in zip(poses, predicted, strict=True):
        position = np.clip(position + step[:3], low, high)
        pose[:3] = position
        pose[_GRIPPER] = np.clip(step[3], 0.0, 1.0)
    return poses
