"""A real Panda behind the interfaces of its drivers, over panda-python: for where no driver of Franka's knows it.

The robot's own emergency stop stays within reach. A kernel with PREEMPT_RT and nothing else on the machine are advised.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from adapt_core.errors import ConfigError, PeerLostError

from adapt_ros.drivers.arm_server import ArmServer
from adapt_ros.drivers.panda_arm import PandaArm
from adapt_ros.drivers.panda_library import panda_library
from adapt_ros.graph_settings import GraphSettings
from adapt_ros.node import AdaptNode
from adapt_ros.params import param, read_parameters
from adapt_ros.run_node import run_node


@dataclass(frozen=True)
class PandaHardwareSettings(GraphSettings):
    """Parameters of the node."""

    host: str = param("", "address of the robot's control; empty: host under arm.real of its YAML")
    rate_hz: float = param(100.0, "how often the joints are read")


class PandaHardwareNode(AdaptNode):
    """The arm is used in the one worker thread."""

    def __init__(self, library: Any = None, **node_arguments: Any) -> None:
        """`library` stands in for the package panda_py."""
        super().__init__("panda_hardware", **node_arguments)
        self._settings = read_parameters(self, PandaHardwareSettings)
        self._library = library

    def begin(self) -> None:
        """Connect to the robot. Raises ConfigError when it or the library is not there."""
        robot = self._settings.load_robot()
        if robot.arm is None:
            raise ConfigError(f"robot {robot.name} has no arm: start panda_hardware for one that has")
        host = self._settings.host or robot.arm.real.host
        self._panda = PandaArm(self._library or panda_library(), host, robot.arm)
        self._server = ArmServer(self, robot, self._panda, self._settings.drivers)
        self.steady_timer(1 / self._settings.rate_hz, self._tick)
        self.get_logger().info(f"driving {robot.name} at {host}")

    def stop(self) -> None:
        """Give the robot's control back."""
        super().stop()
        self.submit(self._panda.close)

    def _tick(self) -> None:
        if not self.busy and not self.should_stop():
            self.submit(self._report)

    def _report(self) -> None:
        """In the worker's thread."""
        try:
            self._server.report(self.get_clock().now().nanoseconds / 1e9)
        except PeerLostError as error:  # silence stops the graph's motion
            self.get_logger().error(str(error), throttle_duration_sec=1.0)


def main() -> None:
    """Entry point."""
    run_node(PandaHardwareNode)


if __name__ == "__main__":
    main()
