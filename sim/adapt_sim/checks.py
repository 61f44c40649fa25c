"""Refuses an action chunk that a world cannot execute, as a whole and before anything moves."""

from __future__ import annotations

import numpy as np
from adapt_core.errors import PlanRejectedError
from adapt_core.types import END_EFFECTOR_DIM, ActionChunk, ActionSpace, Vector, WorldSpec

UNIT_TOLERANCE = 1e-3


def check_chunk(chunk: ActionChunk, spec: WorldSpec) -> None:
    """Raise PlanRejectedError (codes of `adapt_core.safety.Rejection`) unless `spec`'s world can execute `chunk`."""
    low, high = _limits(chunk.space, spec)
    actions = chunk.actions
    if actions.ndim != 2 or actions.shape[1] != len(low) or chunk.frame_skip < 1:
        raise PlanRejectedError(
            "wrong_shape",
            f"{spec.name} executes (n, {len(low)}) {chunk.space.value} actions for at least one control step each, "
            f"got {actions.shape} for {chunk.frame_skip}",
        )
    if not np.isfinite(actions).all():
        raise PlanRejectedError("non_finite", f"an action for {spec.name} is NaN or infinite; plan again")
    if (actions < low).any() or (actions > high).any():
        raise PlanRejectedError("outside_limits", f"an action for {spec.name} leaves its limits {low} .. {high}")
    if chunk.space is ActionSpace.END_EFFECTOR:
        _check_quaternions(actions[:, 3:7])


def _limits(space: ActionSpace, spec: WorldSpec) -> tuple[Vector, Vector]:
    """Smallest and largest action (d,) of `space`."""
    if space not in spec.spaces:
        raise PlanRejectedError(
            "wrong_space", f"{spec.name} executes {', '.join(s.value for s in spec.spaces)}, not {space.value} actions"
        )
    if space is ActionSpace.RAW:
        return spec.raw_low, spec.raw_high
    low, high = np.full(END_EFFECTOR_DIM, -np.inf), np.full(END_EFFECTOR_DIM, np.inf)
    if spec.workspace is not None:
        low[:3], high[:3] = spec.workspace
    low[7], high[7] = 0.0, 1.0  # gripper opening
    return low, high


def _check_quaternions(quaternions: Vector) -> None:
    """`quaternions` (n, 4) must be unit ones."""
    if (np.abs(np.linalg.norm(quaternions, axis=1) - 1.0) > UNIT_TOLERANCE).any():
        raise PlanRejectedError("non_unit_quaternion", "an end-effector action's quaternion is not of length 1")
