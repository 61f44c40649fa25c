"""The panel in a window of its own, without rqt."""

from __future__ import annotations

import os
import signal
import sys
import traceback
from collections.abc import Callable
from typing import Protocol

from adapt_core.errors import ConfigError
from python_qt_binding.QtCore import QTimer
from python_qt_binding.QtWidgets import QApplication, QWidget

SIZE = (1360, 800)
LISTEN_MS = 200  # Python hears of Ctrl-C only when it has something to do


class Panel(Protocol):
    """What can be shown."""

    widget: QWidget

    def close(self) -> None:
        """The window was closed."""
        ...


def run_application(make_panel: Callable[[], Panel]) -> None:
    """Show the panel until its window is closed or Ctrl-C. Raises ConfigError where there is no screen."""
    _require_screen()
    hook, sys.excepthook = sys.excepthook, traceback.print_exception  # Qt would end the process, and with it STOP
    application = QApplication.instance() or QApplication(sys.argv[:1])
    panel = make_panel()
    panel.widget.resize(*SIZE)
    panel.widget.show()
    panel.widget.setFocus()
    before = signal.signal(signal.SIGINT, lambda *_: application.quit())
    listening = QTimer()
    listening.timeout.connect(lambda: None)
    listening.start(LISTEN_MS)
    try:
        application.exec_()
    finally:
        sys.excepthook = hook
        signal.signal(signal.SIGINT, before)
        panel.close()


def _require_screen() -> None:
    """Qt ends the process where it finds none; say it in words instead."""
    if sys.platform == "linux" and not any(
        os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    ):
        raise ConfigError(
            "there is no screen here (DISPLAY is not set): start the panel on a desktop or through ssh -X, or judge at the "
            "terminal with `adapt label RUN`"
        )
