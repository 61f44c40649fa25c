"""The base of lifecycle nodes: configure loads, activate serves. `autostart` does both when the process starts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from adapt_core.errors import AdaptError
from rclpy.lifecycle import LifecycleState, TransitionCallbackReturn
from rclpy.lifecycle.node import LifecycleNodeMixin

from adapt_ros.node import AdaptNode
from adapt_ros.params import read_parameter


class ManagedNode(LifecycleNodeMixin, AdaptNode):
    """Override `configure`, `activate`, `deactivate` and `cleanup`; an AdaptError raised there fails the transition.

    A node that is configured but not active rejects goals: `accept=lambda goal: self.active`.
    """

    def __init__(self, name: str, **node_arguments: Any) -> None:
        """`node_arguments` as of rclpy's Node."""
        AdaptNode.__init__(self, name, **node_arguments)
        LifecycleNodeMixin.__init__(self)
        self._active = False
        self._failure: Exception | None = None
        about = "configure and activate when the process starts"
        self._autostart: bool = read_parameter(self, "autostart", True, about, bool)

    @property
    def active(self) -> bool:
        """The node serves."""
        return self._active and not self.should_stop()

    def configure(self) -> None:
        """Load what is needed and create the servers."""

    def activate(self) -> None:
        """Begin to serve."""

    def deactivate(self) -> None:
        """End what is being served."""

    def cleanup(self) -> None:
        """Undo `configure`."""

    def begin(self) -> None:
        """Under autostart: configure and activate; raises what made that fail."""
        if not self._autostart:
            return
        for trigger in (self.trigger_configure, self.trigger_activate):
            if trigger() is not TransitionCallbackReturn.SUCCESS:
                raise self._failure or AdaptError(f"{self.get_name()} could not be started: see its log")

    def stop(self) -> None:
        """Deactivates."""
        super().stop()
        if self._active:
            self.trigger_deactivate()

    def on_configure(self, _state: LifecycleState) -> TransitionCallbackReturn:
        """See `configure`."""
        return self._attempt(self.configure)

    def on_activate(self, _state: LifecycleState) -> TransitionCallbackReturn:
        """See `activate`."""
        result = self._attempt(self.activate)
        self._active = result is TransitionCallbackReturn.SUCCESS
        return result

    def on_deactivate(self, _state: LifecycleState) -> TransitionCallbackReturn:
        """See `deactivate`."""
        self._active = False
        return self._attempt(self.deactivate)

    def on_cleanup(self, _state: LifecycleState) -> TransitionCallbackReturn:
        """See `cleanup`."""
        return self._attempt(self.cleanup)

    def on_shutdown(self, _state: LifecycleState) -> TransitionCallbackReturn:
        """Deactivate, clean up."""
        if self._active:
            self.on_deactivate(_state)
        return self._attempt(self.cleanup)

    def _attempt(self, step: Callable[[], None]) -> TransitionCallbackReturn:
        """rclpy swallows exceptions of transitions: keep and log them."""
        try:
            step()
        except AdaptError as error:
            self._failure = error
            self.get_logger().error(str(error))
        except Exception as error:
            self._failure = error
            self.get_logger().error(f"{step.__name__} failed: {error!r}")
        else:
            return TransitionCallbackReturn.SUCCESS
        return TransitionCallbackReturn.FAILURE
