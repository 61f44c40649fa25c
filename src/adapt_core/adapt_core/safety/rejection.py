"""Why a plan or chunk was refused, or motion stopped."""

from __future__ import annotations

from enum import StrEnum
from typing import NoReturn

from adapt_core.errors import PlanRejectedError


class Rejection(StrEnum):
    """Codes of PlanRejectedError and MotionStoppedError, and of the messages that carry them."""

    NON_FINITE = "non_finite"  # NaN or infinity
    WRONG_SHAPE = "wrong_shape"  # empty, too long, too wide, another type of number
    WRONG_SPACE = "wrong_space"  # the robot executes another action space
    WRONG_FRAME = "wrong_frame"  # poses in another coordinate frame
    WRONG_FRAME_SKIP = "wrong_frame_skip"  # actions meant to last longer or shorter
    OUTSIDE_LIMITS = "outside_limits"  # raw action or gripper opening out of range
    OUTSIDE_WORKSPACE = "outside_workspace"  # position out of the workspace box
    NON_UNIT_QUATERNION = "non_unit_quaternion"
    NO_MOTION = "no_motion"  # MoveIt found none
    OUT_OF_REACH = "out_of_reach"  # no joint angles put the hand there
    JOINT_LIMIT = "joint_limit"  # a joint would stand beyond its limit
    JOINT_JUMP = "joint_jump"  # a joint would turn too far from one pose to the next
    WRONG_START = "wrong_start"  # the arm does not stand where the motion begins
    WRONG_MOTION = "wrong_motion"  # the joints' motion is not that of the chunk's poses, or contradicts itself
    TOO_FAST = "too_fast"  # a joint's velocity, acceleration or jerk above its limit
    SELF_COLLISION = "self_collision"  # two links would meet
    KEEP_OUT = "keep_out"  # a link would enter a box to keep out of, such as the table
    STALE_OBSERVATION = "stale_observation"  # the camera is silent
    STALE_JOINT_STATES = "stale_joint_states"  # the arm's driver is silent
    STALE_PLAN = "stale_plan"  # inferred from too old an observation
    FUTURE_STAMP = "future_stamp"  # clocks disagree
    NOT_APPROVED = "not_approved"  # a person refused the motion
    NOT_ENABLED = "not_enabled"  # no enable lease, or it lapsed
    STOPPED = "stopped"  # the stop latch is set
    PEER_LOST = "peer_lost"  # a node that motion depends on is gone
    BUSY = "busy"  # another chunk is being executed
    REFLEX = "reflex"  # the arm stopped itself at a contact and waits to be recovered
    ARM_FAILED = "arm_failed"  # the arm's driver did not take or did not follow the motion


# Codes that the plan itself is to blame for: the same plan would meet the same end again.
PLANNED_BADLY = frozenset(
    {
        Rejection.OUTSIDE_LIMITS,
        Rejection.OUTSIDE_WORKSPACE,
        Rejection.NON_UNIT_QUATERNION,
        Rejection.NO_MOTION,
        Rejection.OUT_OF_REACH,
        Rejection.JOINT_LIMIT,
        Rejection.JOINT_JUMP,
        Rejection.TOO_FAST,
        Rejection.SELF_COLLISION,
        Rejection.KEEP_OUT,
        Rejection.REFLEX,
    }
)


def refuse(code: Rejection, message: str) -> NoReturn:
    """Raise PlanRejectedError: nothing has moved, and `message` says why nothing will."""
    raise PlanRejectedError(code, f"refused ({code}): {message}")
