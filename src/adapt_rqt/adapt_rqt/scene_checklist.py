"""What must be so before the next real episode begins; only a person can say so."""

from __future__ import annotations

from python_qt_binding.QtCore import Qt, Signal
from python_qt_binding.QtWidgets import QCheckBox, QLabel, QPushButton, QVBoxLayout, QWidget

from adapt_rqt.values import SCENE_CHECKLIST, Scene


class SceneChecklist(QWidget):
    """Asks for the ticks anew for each scene, and confirms it only when all are there."""

    confirmed = Signal(int)  # number of the scene

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._scene: Scene | None = None
        self._title = QLabel()
        self._title.setWordWrap(True)
        self._boxes = [QCheckBox(item) for item in SCENE_CHECKLIST]
        self._begin = QPushButton("Begin the episode")
        self._begin.setFocusPolicy(Qt.NoFocus)
        self._begin.clicked.connect(self._confirm)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._title)
        for box in self._boxes:
            box.setFocusPolicy(Qt.NoFocus)
            box.stateChanged.connect(self._follow)
            layout.addWidget(box)
        layout.addWidget(self._begin)
        self._follow()

    def ask(self, scene: Scene) -> None:
        """A scene waits, or does not any more."""
        if self._scene is None or scene.number != self._scene.number or not scene.waiting:
            for box in self._boxes:
                box.setChecked(False)
        self._scene = scene
        self._follow()

    def _confirm(self) -> None:
        if self._scene is not None and self._scene.waiting:
            self.confirmed.emit(self._scene.number)

    def _follow(self) -> None:
        waiting = self._scene is not None and self._scene.waiting
        for box in self._boxes:
            box.setEnabled(waiting)
        self._begin.setEnabled(waiting and all(box.isChecked() for box in self._boxes))
        task = self._scene.task_id if self._scene is not None else ""
        self._title.setText(f"Set up the scene of <b>{task}</b>" if waiting else "No scene waits to be set up.")
