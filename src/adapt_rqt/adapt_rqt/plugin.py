"""The panel within rqt, which owns the node and spins it."""

from __future__ import annotations

import getpass
from typing import Any

from rqt_gui_py.plugin import Plugin

from adapt_rqt.graph_panel import GraphPanel


class AdaptPanel(Plugin):
    """Minds the graph in rqt's own namespace: `rqt --ros-args -r __ns:=/panda`."""

    def __init__(self, context: Any) -> None:
        super().__init__(context)
        self.setObjectName("AdaptPanel")
        self._panel = GraphPanel(context.node, getpass.getuser())
        widget = self._panel.widget
        if context.serial_number() > 1:
            widget.setWindowTitle(f"{widget.windowTitle()} ({context.serial_number()})")
        context.add_widget(widget)

    def shutdown_plugin(self) -> None:
        """Called by rqt; its node goes on."""
        self._panel.close()
