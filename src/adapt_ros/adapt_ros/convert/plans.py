"""Plan requests and video plans."""

from __future__ import annotations

from typing import Any

import numpy as np
from adapt_core.errors import ImageError
from adapt_core.types import PlanRequest, VideoPlan

from adapt_interfaces import action, msg
from adapt_ros.convert.images import from_image, to_image
from adapt_ros.convert.stamps import from_time, to_time


def to_plan_goal(request: PlanRequest) -> Any:
    """A plan request as a goal of PlanVideo."""
    return action.PlanVideo.Goal(
        image=to_image(request.image, request.stamp_s),
        in_domain_prompt=request.in_domain_prompt,
        prior_prompt=request.prior_prompt,
        seed=request.seed,
    )


def from_plan_goal(goal: Any) -> PlanRequest:
    """Raises ImageError."""
    stamp_s = from_time(goal.image.header.stamp)
    return PlanRequest(from_image(goal.image), goal.in_domain_prompt, goal.prior_prompt, goal.seed, stamp_s)


def to_video_plan(plan: VideoPlan) -> msg.VideoPlan:
    """Frames become messages of their own, so that any image viewer can show them."""
    message = msg.VideoPlan(
        frames=[to_image(frame, plan.stamp_s) for frame in plan.frames],
        in_domain_prompt=plan.in_domain_prompt,
        prior_prompt=plan.prior_prompt,
        seed=plan.seed,
        weights_version=plan.weights_version,
    )
    message.header.stamp = to_time(plan.stamp_s)
    return message


def from_video_plan(message: msg.VideoPlan) -> VideoPlan:
    """Raises ImageError, also for a plan without frames or with frames of several sizes."""
    frames = [from_image(frame) for frame in message.frames]
    if len({frame.shape for frame in frames}) != 1:
        raise ImageError(f"a plan needs frames of one size, this one has {sorted({frame.shape for frame in frames})}")
    return VideoPlan(
        frames=np.stack(frames),  # (f, h, w, 3)
        in_domain_prompt=message.in_domain_prompt,
        prior_prompt=message.prior_prompt,
        seed=message.seed,
        weights_version=message.weights_version,
        stamp_s=from_time(message.header.stamp),
    )
