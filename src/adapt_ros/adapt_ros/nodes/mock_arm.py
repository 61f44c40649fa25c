"""An arm without physics, behind the interfaces of a Panda's drivers: tries the whole graph without a simulator."""

from __future__ import annotations

from typing import Any

from adapt_ros.drivers.arm_scene import ArmScene
from adapt_ros.drivers.stepped_arm import SteppedArmNode
from adapt_ros.fakes.mock_arm import MockScene
from adapt_ros.run_node import run_node


class MockArmNode(SteppedArmNode):
    """Goes exactly where it is told."""

    def __init__(self, **node_arguments: Any) -> None:
        super().__init__("mock_arm", **node_arguments)

    def make_scene(self) -> ArmScene:
        """An arm and a picture of its hand."""
        return MockScene(self.robot)


def main() -> None:
    """Entry point."""
    run_node(MockArmNode)


if __name__ == "__main__":
    main()
