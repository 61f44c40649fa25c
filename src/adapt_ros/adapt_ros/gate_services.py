"""How people open and close the guard's gate."""

from __future__ import annotations

from collections.abc import Callable

from std_srvs.srv import Trigger

from adapt_interfaces.srv import EnableMotion
from adapt_ros import interfaces
from adapt_ros.motion_gate import MotionGate
from adapt_ros.node import AdaptNode


class GateServices:
    """Serves `enable_motion`, `stop` and `reset_stop`; `changed()` is called after each change of `gate`."""

    def __init__(self, node: AdaptNode, gate: MotionGate, allowed: bool, changed: Callable[[], None]) -> None:
        """`allowed`: motion may be enabled at all; it may not on a real robot unless a person has said so."""
        self._node, self._gate, self._allowed, self._changed = node, gate, allowed, changed
        self._servers = [
            interfaces.ENABLE_MOTION.server(node, self._enable),
            interfaces.STOP.server(node, self._stop),
            interfaces.RESET_STOP.server(node, self._reset_stop),
        ]

    def destroy(self) -> None:
        """Destroy the servers."""
        for service in self._servers:
            self._node.destroy_service(service)

    def _enable(self, request: EnableMotion.Request, response: EnableMotion.Response) -> EnableMotion.Response:
        if not request.enable:
            self._gate.disable()
        elif not self._allowed:
            response.message = "a real robot does not move unless the guard was started with allow_real_robot:=true"
            return response
        elif not request.lease_s > 0:
            response.message = f"a lease of {request.lease_s} s cannot be held: ask for more than 0 s"
            return response
        else:
            self._gate.enable(request.lease_s)
        self._changed()
        response.success = True
        return response

    def _stop(self, _request: Trigger.Request, response: Trigger.Response) -> Trigger.Response:
        self._gate.stop("somebody called stop")
        self._changed()
        response.success, response.message = True, "stopped until reset_stop is called"
        return response

    def _reset_stop(self, _request: Trigger.Request, response: Trigger.Response) -> Trigger.Response:
        self._gate.reset_stop()
        self._changed()
        response.success, response.message = True, "the stop is reset; nothing moves before it is told to"
        return response
