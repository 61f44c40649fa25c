"""The panel within rqt, where there is one."""

from __future__ import annotations

from typing import Any

import pytest

pytest.importorskip("rqt_gui_py", reason="needs rqt: apt-get install ros-jazzy-rqt-gui-py (a full Jazzy has it)")

from adapt_ros.fakes.harness import Harness
from adapt_ros.node import AdaptNode
from adapt_rqt.plugin import AdaptPanel
from python_qt_binding.QtWidgets import QWidget

pytestmark = pytest.mark.ros


class Context:
    """What rqt hands to a plugin, as far as it is used."""

    def __init__(self, node: AdaptNode) -> None:
        self.node = node
        self.widgets: list[QWidget] = []

    def serial_number(self) -> int:
        """The only one."""
        return 1

    def add_widget(self, widget: QWidget) -> None:
        """Docks it."""
        self.widgets.append(widget)


def test_it_shows_the_panel_and_leaves_the_node_alone(ros_domain: int, screen: Any) -> None:
    with Harness(ros_domain) as harness:
        node = harness.add(AdaptNode, "rqt")
        before = len(list(node.subscriptions)), len(list(node.clients)), len(list(node.timers))
        context = Context(node)
        plugin = AdaptPanel(context)
        assert [widget.objectName() for widget in context.widgets] == ["panel"]
        screen.wait(0.5)
        plugin.shutdown_plugin()
        screen.until(
            lambda: (len(list(node.subscriptions)), len(list(node.clients)), len(list(node.timers))) == before,
            "the plugin's own ends to be gone",
        )
        assert harness.until(lambda: node.executor is not None, "the node to go on")
