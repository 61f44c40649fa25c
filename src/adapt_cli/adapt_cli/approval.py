"""Answers to the guard's previews of motions. Import only where ROS is: see `ros_there`."""

from __future__ import annotations

import getpass
import threading

import numpy as np
from adapt_core.ports import StopCheck
from adapt_ros.interfaces import APPROVE_MOTION, MOTION_PREVIEW

from adapt_cli.graph_session import GraphSession
from adapt_cli.preview import Preview
from adapt_interfaces.msg import MotionPreview
from adapt_ros import convert

POLL_S = 0.1


class Approval:
    """Hears the previews of the graph of `session` from when it is made."""

    def __init__(self, session: GraphSession) -> None:
        self._calls = session.calls("guard")
        self._client = APPROVE_MOTION.client(session.node)
        self._changed = threading.Condition()
        self._newest = MotionPreview()
        self._answered = ""
        self._subscription = MOTION_PREVIEW.subscription(session.node, self._hear)

    def next(self, should_stop: StopCheck) -> Preview | None:
        """The next one that waits for an answer; None when `should_stop`."""
        with self._changed:
            while not self._waiting():
                if should_stop():
                    return None
                self._changed.wait(POLL_S)
            return _preview(self._newest)

    def answer(self, preview: Preview, approve: bool) -> str:
        """What the guard objects to the answer; empty when it took it. Raises PeerLostError."""
        self._answered = preview.plan_hash
        request = APPROVE_MOTION.type.Request(
            plan_hash=preview.plan_hash, approve=approve, operator_name=getpass.getuser()
        )
        response = self._calls.service(self._client, request)
        return "" if response.success else str(response.message)

    def _waiting(self) -> bool:
        return bool(self._newest.plan_hash) and self._newest.plan_hash != self._answered

    def _hear(self, message: MotionPreview) -> None:
        with self._changed:
            self._newest = message
            self._changed.notify_all()


def _preview(message: MotionPreview) -> Preview:
    plan = message.plan
    shown = convert.from_video_plan(plan) if plan.frames else None
    return Preview(
        plan_hash=message.plan_hash,
        poses=np.array([convert.from_pose(pose, 0.0)[:7] for pose in message.poses]),
        reached_s=np.array(message.reached_s),
        openings=np.array(message.gripper_openings),
        frames=shown.frames if shown else None,
        prompt=shown.prior_prompt if shown else "",
    )
