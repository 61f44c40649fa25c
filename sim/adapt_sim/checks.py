"""Refuses an action chunk that a world cannot execute, as a whole and before anything moves."""

from __future__ import annotations

import math
import sys

from adapt_core.safety import Limits, check_chunk
from adapt_core.types import ActionChunk, WorldSpec


def check_executable(chunk: ActionChunk, spec: WorldSpec) -> None:
    """Raise PlanRejectedError, with a code of `adapt_core.safety.Rejection`, unless `spec`'s world can execute `chunk`.

    A simulation takes any frame skip from 1 on and any age: those are the guard's to check.
    """
    limits = Limits(
        space=chunk.space if chunk.space in spec.spaces else spec.spaces[0],
        frame_id=spec.frame_id,
        frame_skip=max(chunk.frame_skip, 1),
        max_actions=sys.maxsize,
        plan_age_s=math.inf,
        observation_age_s=math.inf,
        workspace=spec.workspace,
        raw=(spec.raw_low, spec.raw_high),
    )
    check_chunk(chunk, limits, now_s=chunk.stamp_s)
