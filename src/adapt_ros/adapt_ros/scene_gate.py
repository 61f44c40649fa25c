"""No episode of a real robot begins before a person has said that its scene is set up."""

from __future__ import annotations

from adapt_core.errors import CancelledByUserError

from adapt_interfaces.msg import SceneRequest
from adapt_interfaces.srv import ConfirmScene
from adapt_ros.convert import wall_time
from adapt_ros.coroutines import Arrival
from adapt_ros.interfaces import CONFIRM_SCENE, SCENE_REQUEST
from adapt_ros.node import AdaptNode


class SceneGate:
    """For the node that serves `reset_world`: says what to set up, and waits for `confirm_scene`."""

    def __init__(self, node: AdaptNode) -> None:
        self._node = node
        self._request = SceneRequest()
        self._confirmed: Arrival[None] = Arrival()
        self._publisher = SCENE_REQUEST.publisher(node)
        self._server = CONFIRM_SCENE.server(node, self._confirm)

    async def wait(self, task_id: str, seed: int) -> None:
        """Wait for a person, for as long as it takes. A later call takes the place of an earlier one.

        Raises CancelledByUserError in the one that gave way.
        """
        self._confirmed.fail(CancelledByUserError(f"another episode was asked for: {task_id} takes its place"))
        mine: Arrival[None] = Arrival()
        self._confirmed = mine
        number = self._request.number + 1
        self._request = SceneRequest(stamp=wall_time(), number=number, task_id=task_id, seed=seed, waiting=True)
        self._publisher.publish(self._request)
        await mine

    def _confirm(self, request: ConfirmScene.Request, response: ConfirmScene.Response) -> ConfirmScene.Response:
        if not request.operator_name:
            response.message = "who says so? Fill in operator_name"
        elif not self._request.waiting:
            response.message = "no episode waits for its scene"
        elif request.number != self._request.number:
            response.message = (
                f"scene {request.number} is not wanted any more: look at what {self._request.task_id} needs, scene "
                f"{self._request.number}"
            )
        else:
            response.success = True
            self._node.get_logger().info(f"{request.operator_name} has set up the scene of {self._request.task_id}")
            self._request.stamp, self._request.waiting = wall_time(), False
            self._publisher.publish(self._request)
            self._confirmed.set(None)
        return response
