"""What inverse dynamics learns of an episode, and the way back from predictions to poses."""

from __future__ import annotations

import numpy as np
from adapt_core.errors import StoreError, TrainingError
from adapt_core.types import END_EFFECTOR_DIM, ActionSpace, Vector
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from adapt_learning.inverse_dynamics_net import InverseDynamicsNet
from adapt_learning.inverse_dynamics_settings import InverseDynamicsSettings
from adapt_learning.training.episodes import Episode

UPRIGHT = np.array([0.0, 0.0, 0.0, 1.0])  # no rotation
_POSITION, _ORIENTATION, _GRIPPER = slice(0, 3), slice(3, 7), 7
Array = NDArray[np.float64]


def targets_of(episode: Episode, settings: InverseDynamicsSettings, reference: Vector) -> Array:
    """What the network should say of each pair of frames, `frame_skip` apart, (pairs, targets) float64.

    RAW: the mean action between them. END_EFFECTOR: displacement [m], or position [m] and rotation vector [rad] from the
    orientation `reference` (4,), and the gripper opening that was commanded, or the one reached where the recorded
    actions are not poses. Raises TrainingError when the episode has no end effector, StoreError for a number that is not
    finite.
    """
    skip = settings.frame_skip
    if settings.space is ActionSpace.RAW:
        total = np.cumsum(np.concatenate([np.zeros_like(episode.actions[:1]), episode.actions]), axis=0)
        return _finite((total[skip:] - total[:-skip]) / skip, episode)
    poses = poses_of(episode)
    commanded = episode.actions if episode.actions.shape[1] == END_EFFECTOR_DIM else poses[1:]
    opening = commanded[skip - 1 :, _GRIPPER:]
    if not settings.oriented:
        return _finite(np.concatenate([poses[skip:, _POSITION] - poses[:-skip, _POSITION], opening], 1), episode)
    turned = (Rotation.from_quat(poses[skip:, _ORIENTATION]) * Rotation.from_quat(reference).inv()).as_rotvec()
    return _finite(np.concatenate([poses[skip:, _POSITION], turned, opening], 1), episode)


def reference_of(episodes: list[Episode], settings: InverseDynamicsSettings) -> Vector:
    """The mean orientation (4,) of `episodes`: rotation vectors relative to it are small, and do not jump at pi."""
    if not settings.oriented:
        return UPRIGHT
    orientations = np.concatenate([poses_of(episode)[:, _ORIENTATION] for episode in episodes])
    return Rotation.from_quat(orientations).mean().as_quat()


def orientation_of(net: InverseDynamicsNet) -> Vector:
    """The orientation (4,) that the predictions of `net` are relative to."""
    if net.reference is None:
        return UPRIGHT
    reference: Vector = net.reference.double().cpu().numpy()
    return reference / np.linalg.norm(reference)  # of half precision in files


def poses_of(episode: Episode) -> Array:
    """End-effector poses (t + 1, 8). Raises TrainingError when there are none, StoreError when one is missing."""
    if episode.end_effector is None:
        raise TrainingError("an episode has no end-effector poses: use a preset with raw actions")
    return _finite(episode.end_effector, episode)


def add_displacements(now: Vector, predicted: Array, low: Vector, high: Vector) -> Array:
    """Pose targets (n, 8) from the pose `now` (8,) and (n, 4) displacements [m] with gripper openings.

    Positions are clamped to the box `low`, `high` (3,) after each step, so that a plan that leaves it can come back.
    """
    poses = np.tile(now, (len(predicted), 1))  # (n, 8)
    position = now[_POSITION]
    for pose, step in zip(poses, predicted, strict=True):
        position = np.clip(position + step[:3], low, high)
        pose[_POSITION] = position
        pose[_GRIPPER] = np.clip(step[3], 0.0, 1.0)
    return poses


def place_poses(predicted: Array, reference: Vector, low: Vector, high: Vector) -> Array:
    """Pose targets (n, 8) from predicted positions [m], rotation vectors [rad] from `reference` (4,) and openings (n, 7).

    Positions are clamped to the box `low`, `high` (3,).
    """
    orientation = (Rotation.from_rotvec(predicted[:, 3:6]) * Rotation.from_quat(reference)).as_quat()
    position, opening = np.clip(predicted[:, :3], low, high), np.clip(predicted[:, 6:], 0.0, 1.0)
    return np.concatenate([position, orientation, opening], 1)


def _finite(values: Array, episode: Episode) -> Array:
    if not np.isfinite(values).all():
        raise StoreError(
            f"episode {episode.id} has poses or actions that are missing or not finite: move its folder out of the store"
        )
    return values
