"""The scenes that a real robot's episodes wait for. Import only where ROS is: see `ros_there`."""

from __future__ import annotations

import getpass
import threading

from adapt_core.ports import StopCheck
from adapt_ros.interfaces import CONFIRM_SCENE, SCENE_REQUEST

from adapt_cli.graph_session import GraphSession
from adapt_interfaces.msg import SceneRequest

POLL_S = 0.1


class Scenes:
    """Hears the requests of the graph of `session` from when it is made."""

    def __init__(self, session: GraphSession) -> None:
        self._calls = session.calls("arm_driver")
        self._client = CONFIRM_SCENE.client(session.node)
        self._changed = threading.Condition()
        self._newest = SceneRequest()
        self._answered = 0
        self._subscription = SCENE_REQUEST.subscription(session.node, self._hear)

    def next(self, should_stop: StopCheck) -> SceneRequest | None:
        """The next one that waits; None when `should_stop`."""
        with self._changed:
            while not self._newest.waiting or self._newest.number == self._answered:
                if should_stop():
                    return None
                self._changed.wait(POLL_S)
            return self._newest

    def confirm(self, scene: SceneRequest) -> str:
        """What the robot objects; empty when the episode begins. Raises PeerLostError."""
        self._answered = scene.number
        request = CONFIRM_SCENE.type.Request(number=scene.number, operator_name=getpass.getuser())
        response = self._calls.service(self._client, request)
        return "" if response.success else str(response.message)

    def _hear(self, request: SceneRequest) -> None:
        with self._changed:
            self._newest = request
            self._changed.notify_all()
