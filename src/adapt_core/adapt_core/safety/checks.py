"""Refuses what must not be executed: as a whole, before anything moves, and never by clipping."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from adapt_core.errors import ImageError, PlanRejectedError
from adapt_core.images import check_frames
from adapt_core.safety.limits import Bounds, Limits
from adapt_core.safety.rejection import Rejection, refuse
from adapt_core.types import END_EFFECTOR_DIM, ActionChunk, ActionSpace, VideoPlan

TOLERANCE = 1e-6  # metres, or units of a raw action: what rounding to float32 may add
QUATERNION_TOLERANCE = 1e-3  # of the norm
CLOCK_SKEW_S = 0.1  # how far ahead a stamp of another machine may be


def check_chunk(chunk: ActionChunk, limits: Limits, now_s: float) -> None:
    """Raise PlanRejectedError, with a code of Rejection, unless the whole chunk keeps to `limits`.

    `now_s` is the time on the clock that stamps observations. The chunk is not changed.
    """
    if chunk.space != limits.space:
        refuse(Rejection.WRONG_SPACE, f"these are {chunk.space} actions; the robot executes {limits.space}")
    _check_shape(chunk, limits)
    if not np.isfinite(chunk.actions).all():
        refuse(Rejection.NON_FINITE, "an action is NaN or infinite: imagine again, or look at the inverse dynamics")
    if chunk.space is ActionSpace.END_EFFECTOR:
        _check_poses(chunk, limits)
    elif limits.raw is not None:
        _check_box(chunk.actions, limits.raw, Rejection.OUTSIDE_LIMITS, "a raw action")
    _check_age(chunk.stamp_s, limits.plan_age_s, now_s, Rejection.STALE_PLAN, "the plan's observation")


def check_observation_age(stamp_s: float, limits: Limits, now_s: float) -> None:
    """Raise PlanRejectedError when the newest observation, stamped `stamp_s`, is too old to move by."""
    _check_age(stamp_s, limits.observation_age_s, now_s, Rejection.STALE_OBSERVATION, "the newest observation")


def check_joint_state_age(stamp_s: float, limits: Limits, now_s: float) -> None:
    """Raise PlanRejectedError when the arm's newest joint states, stamped `stamp_s`, are too old to move by."""
    what = "the newest message of joint states"
    _check_age(stamp_s, limits.observation_age_s, now_s, Rejection.STALE_JOINT_STATES, what)


def check_plan(plan: VideoPlan, image_shape: tuple[int, int]) -> None:
    """Raise PlanRejectedError unless the imagined frames are (f, h, w, 3) uint8 of `image_shape` (height, width)."""
    try:
        check_frames(plan.frames, image_shape, "the plan's frames")
    except ImageError as error:
        raise PlanRejectedError(Rejection.WRONG_SHAPE, str(error)) from error
    if not np.isfinite(plan.stamp_s):
        refuse(Rejection.NON_FINITE, "the plan's stamp is no time")


def _check_shape(chunk: ActionChunk, limits: Limits) -> None:
    actions, width = chunk.actions, _width(limits)
    if not isinstance(actions, np.ndarray) or actions.dtype != np.float64 or actions.ndim != 2:
        kind = f"{getattr(actions, 'dtype', type(actions).__name__)} of shape {np.shape(actions)}"
        refuse(Rejection.WRONG_SHAPE, f"actions must be float64 of shape (n, d), not {kind}")
    if not 1 <= len(actions) <= limits.max_actions:
        refuse(Rejection.WRONG_SHAPE, f"a chunk has 1 to {limits.max_actions} actions, not {len(actions)}")
    if actions.shape[1] == 0 or (width is not None and actions.shape[1] != width):
        refuse(Rejection.WRONG_SHAPE, f"an action has {width or 'some'} numbers, not {actions.shape[1]}")
    if chunk.frame_skip != limits.frame_skip:
        wanted = f"the robot pursues each for {limits.frame_skip} control steps"
        refuse(
            Rejection.WRONG_FRAME_SKIP, f"these actions are meant for {chunk.frame_skip} control steps each; {wanted}"
        )


def _width(limits: Limits) -> int | None:
    if limits.space is ActionSpace.END_EFFECTOR:
        return END_EFFECTOR_DIM
    return None if limits.raw is None else len(limits.raw[0])


def _check_poses(chunk: ActionChunk, limits: Limits) -> None:
    if chunk.frame_id != limits.frame_id:
        refuse(Rejection.WRONG_FRAME, f'poses are in the frame "{chunk.frame_id}"; the robot takes "{limits.frame_id}"')
    if limits.workspace is not None:
        _check_box(chunk.actions[:, :3], limits.workspace, Rejection.OUTSIDE_WORKSPACE, "a position [m]")
    with np.errstate(over="ignore"):
        norms = np.linalg.norm(chunk.actions[:, 3:7], axis=1)
    worst = int(np.argmax(np.abs(norms - 1)))
    if abs(norms[worst] - 1) > QUATERNION_TOLERANCE:
        refuse(Rejection.NON_UNIT_QUATERNION, f"the quaternion of action {worst} has length {norms[worst]:.3g}, not 1")
    _check_box(chunk.actions[:, 7:], (np.zeros(1), np.ones(1)), Rejection.OUTSIDE_LIMITS, "a gripper opening")


def _check_box(values: NDArray[np.float64], bounds: Bounds, code: Rejection, what: str) -> None:
    """`values` (n, d) must lie within `bounds`."""
    outside = (values < bounds[0] - TOLERANCE) | (values > bounds[1] + TOLERANCE)
    if outside.any():
        row, column = (int(index) for index in np.argwhere(outside)[0])
        allowed = f"{bounds[0][column]:.6g} to {bounds[1][column]:.6g}"
        refuse(code, f"{what} of action {row} has {values[row, column]:.6g} at index {column}; allowed is {allowed}")


def _check_age(stamp_s: float, limit_s: float, now_s: float, code: Rejection, what: str) -> None:
    age_s = now_s - stamp_s
    if not age_s <= limit_s:  # also when it is NaN
        refuse(code, f"{what} is {age_s:.3f} s old; allowed are {limit_s:.3f} s: observe and imagine again")
    if age_s < -CLOCK_SKEW_S:
        refuse(Rejection.FUTURE_STAMP, f"{what} is stamped {-age_s:.3f} s ahead: synchronise the machines' clocks")
