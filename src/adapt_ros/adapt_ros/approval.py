"""A person looks at each motion before it is driven."""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING

import numpy as np
from adapt_core.errors import PlanRejectedError
from adapt_core.kinematics import JointTrajectory
from adapt_core.kinematics.plan_hash import plan_hash
from adapt_core.safety import Rejection
from adapt_core.types import ActionChunk

from adapt_interfaces.msg import MotionPreview, VideoPlan
from adapt_interfaces.srv import ApproveMotion
from adapt_ros.convert import from_time, from_video_plan, to_pose, to_time, wall_time
from adapt_ros.coroutines import Arrival
from adapt_ros.interfaces import APPROVE_MOTION, MOTION_PREVIEW, VIDEO_PLAN
from adapt_ros.node import AdaptNode

if TYPE_CHECKING:
    from adapt_core.kinematics.arm import ArmModel

POSES = 60  # of a preview's path
SAME_S = 1e-6  # stamps that are nearer to each other are one


class Approval:
    """Publishes `motion_preview`, and serves `approve_motion` for the one that waits."""

    def __init__(self, node: AdaptNode, arm: ArmModel) -> None:
        """`arm` is used in the node's worker thread."""
        self._node, self._arm = node, arm
        self._plan: VideoPlan | None = None
        self._hash = ""
        self._answer: Arrival[None] | None = None
        self._subscription = VIDEO_PLAN.subscription(node, self._hear)
        self._preview = MOTION_PREVIEW.publisher(node)
        self._server = APPROVE_MOTION.server(node, self._decide)

    async def ask(self, chunk: ActionChunk, motion: JointTrajectory) -> None:
        """Show the motion and wait until a person has approved it. Raises PlanRejectedError when nobody did."""
        self._answer = answer = Arrival[None]()
        try:
            preview = await self._node.in_worker(preview_of, self._arm, chunk, motion, self._plan)
            if not answer.there:
                self._hash = preview.plan_hash
                self._preview.publish(preview)
            await answer
        finally:
            self._answer = None
            if self._hash:
                self._hash = ""
                self._preview.publish(MotionPreview(stamp=wall_time()))

    def withdraw(self, code: Rejection, why: str) -> None:
        """Wait no longer, if anything waits: it is refused."""
        if self._answer is not None:
            self._answer.fail(PlanRejectedError(code, why))

    def destroy(self) -> None:
        """Destroy all ends."""
        self._node.destroy_subscription(self._subscription)
        self._node.destroy_publisher(self._preview)
        self._node.destroy_service(self._server)

    def _hear(self, plan: VideoPlan) -> None:
        self._plan = plan

    def _decide(self, request: ApproveMotion.Request, response: ApproveMotion.Response) -> ApproveMotion.Response:
        who = request.operator_name or "somebody"
        if self._answer is None or not self._hash:
            response.message = "no motion waits for approval"
        elif request.plan_hash != self._hash:
            response.message = f"another motion waits now, {self._hash[:12]}: look at the preview again"
        else:
            self._node.get_logger().info(f"{who} {'approves' if request.approve else 'refuses'} {self._hash[:12]}")
            response.success = True
            if request.approve:
                self._answer.set(None)
            else:
                self.withdraw(Rejection.NOT_APPROVED, f"{who} refused the motion")
        return response


def preview_of(arm: ArmModel, chunk: ActionChunk, motion: JointTrajectory, plan: VideoPlan | None) -> MotionPreview:
    """What a person is shown: the way of the hand along `motion`, and the frames of `plan` if `chunk` follows them.

    Raises ImageError for a plan whose frames are damaged.
    """
    if plan is None or abs(from_time(plan.header.stamp) - chunk.stamp_s) > SAME_S:
        plan, frames = VideoPlan(), np.empty((0, 0, 0, 3), np.uint8)
    else:
        frames = from_video_plan(plan).frames
    message = MotionPreview(stamp=wall_time(), plan_hash=plan_hash(chunk, motion, frames), plan=plan)
    message.header.frame_id, message.header.stamp = chunk.frame_id, to_time(chunk.stamp_s)
    postures = (motion.at(float(time_s))[0] for time_s in np.linspace(0.0, motion.duration_s, POSES))
    message.poses = [to_pose(np.append(arm.forward(posture), 1.0))[0] for posture in postures]
    message.reached_s = array("d", motion.waypoint_times_s.tobytes())
    message.gripper_openings = array("d", chunk.actions[:, 7].tobytes())
    return message
