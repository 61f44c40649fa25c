"""A motion that waits for approval: its imagined frames, how long it lasts, yes or no."""

from __future__ import annotations

from python_qt_binding.QtCore import Qt, QTimer, Signal
from python_qt_binding.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from adapt_rqt.picture import Picture
from adapt_rqt.values import Preview

FRAME_S = 0.25
SEEN_S = 0.7  # a click meant for what was here before answers nothing


class PreviewView(QWidget):
    """The answer names the plan that is on the screen, so that none is approved unseen."""

    answered = Signal(str, bool)  # hash of the plan, and whether it is approved

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._preview: Preview | None = None
        self._index = 0
        self._picture = Picture(120)
        self._words = QLabel()
        self._words.setWordWrap(True)
        self._buttons = [self._button("Approve", True), self._button("Reject", False)]
        row = QHBoxLayout()
        for button in self._buttons:
            row.addWidget(button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._picture, 1)
        layout.addWidget(self._words)
        layout.addLayout(row)
        layout.addStretch()
        self._seen = QTimer(self)
        self._seen.setSingleShot(True)
        self._seen.timeout.connect(lambda: self._enable_buttons(True))
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._next)
        self.ask(None)

    def ask(self, preview: Preview | None) -> None:
        """A motion waits; None: none does."""
        self._preview, self._index = preview, 0
        self._enable_buttons(False)
        self._seen.stop()
        self._timer.stop()
        if preview is None:
            self._words.setText("No plan waits for approval.")
            self._picture.hide()
            return
        self._words.setText(f"“{preview.prompt}”: {preview.poses} poses in {preview.duration_s:.1f} s")
        self._picture.show()
        self._picture.show_image(None, "its imagined frames are not known")
        if len(preview.frames):
            self._next()
            self._timer.start(int(1000 * FRAME_S))
        self._seen.start(int(1000 * SEEN_S))

    def _enable_buttons(self, enabled: bool) -> None:
        for button in self._buttons:
            button.setEnabled(enabled)

    def _button(self, text: str, approve: bool) -> QPushButton:
        button = QPushButton(text)
        button.setObjectName(text.lower())
        button.setFocusPolicy(Qt.NoFocus)
        button.clicked.connect(lambda: self._answer(approve))
        return button

    def _answer(self, approve: bool) -> None:
        if self._preview is not None:
            self.answered.emit(self._preview.plan_hash, approve)

    def _next(self) -> None:
        if self._preview is not None:
            self._picture.show_image(self._preview.frames[self._index])
            self._index = (self._index + 1) % len(self._preview.frames)
