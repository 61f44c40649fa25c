"""May the robot move, and what stops it: always in sight, in the same place."""

from __future__ import annotations

from python_qt_binding.QtCore import Qt, Signal
from python_qt_binding.QtWidgets import QFrame, QLabel, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from adapt_rqt.preview_view import PreviewView
from adapt_rqt.scene_checklist import SceneChecklist
from adapt_rqt.values import GuardState

WIDTH = 300
NO_GUARD = "No guard is heard: nothing can move."


class MotionColumn(QWidget):
    """Only says what the operator wants; who hears it is not its business."""

    stop = Signal()
    enable = Signal(bool)
    reset_stop = Signal()
    recover = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.preview = PreviewView()
        self.scene = SceneChecklist()
        self._held = False
        self._guard: GuardState | None = None
        self._stop = self._button("STOP", "stop", self.stop.emit)
        self._stop.setToolTip("Esc. Not safety-rated: the robot's own emergency stop stays within reach.")
        self._stop.setMinimumHeight(96)
        self._state = QLabel()
        self._state.setObjectName("state")
        self._why = QLabel()
        self._why.setWordWrap(True)
        self._enable = self._button("", "enable", lambda: self.enable.emit(not self._held))
        self._reset = self._button("Reset the stop", "reset", self.reset_stop.emit)
        self._recover = self._button("Recover after a reflex", "recover", self.recover.emit)
        self._lay_out()
        self._follow()

    def show_guard(self, state: GuardState | None) -> None:
        """How things stand; None where no guard is heard."""
        self._guard = state
        self._follow()

    def show_held(self, held: bool) -> None:
        """Whether this panel holds the lease."""
        self._held = held
        self._follow()

    def _follow(self) -> None:
        guard = self._guard
        state, words = _state(guard, self._held)
        self._state.setText(words)
        self._state.setProperty("state", state)
        self._state.style().unpolish(self._state)
        self._state.style().polish(self._state)
        self._why.setText(guard.message if guard is not None else NO_GUARD)
        self._why.setVisible(bool(self._why.text()))
        self._enable.setText("Disable motion" if self._held else "Enable motion")
        self._enable.setEnabled(guard is not None and (self._held or not guard.stopped))
        self._reset.setEnabled(guard is not None and guard.stopped)

    def _button(self, text: str, name: str, action: object) -> QPushButton:
        button = QPushButton(text)
        button.setObjectName(name)
        button.setFocusPolicy(Qt.NoFocus)
        button.clicked.connect(action)
        return button

    def _lay_out(self) -> None:
        self.setFixedWidth(WIDTH)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        for widget in (self._stop, self._state, self._why, self._enable, self._reset, self._recover):
            layout.addWidget(widget)
        for title, part in (("Next episode", self.scene), ("Plan", self.preview)):
            layout.addWidget(_line())
            heading = QLabel(title)
            heading.setObjectName("heading")
            heading.setSizePolicy(QSizePolicy.Preferred, QSizePolicy.Fixed)
            layout.addWidget(heading)
            layout.addWidget(part, 1 if part is self.preview else 0)
        layout.addStretch()


def _state(guard: GuardState | None, held: bool) -> tuple[str, str]:
    """The state's name, for its colour, and its words."""
    if guard is None:
        return "unknown", "NO GUARD"
    if guard.stopped:
        return "stopped", "STOPPED"
    if guard.moving:
        return "moving", "MOVING"
    if guard.enabled:
        return "enabled", "ENABLED" if held else "ENABLED BY ANOTHER"
    return "still", "NOT ENABLED"


def _line() -> QFrame:
    line = QFrame()
    line.setFrameShape(QFrame.HLine)
    line.setObjectName("line")
    return line
