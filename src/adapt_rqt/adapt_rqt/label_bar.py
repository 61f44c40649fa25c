"""The four judgements as buttons; the keys do the same."""

from __future__ import annotations

from adapt_core.types import LabelValue
from python_qt_binding.QtCore import Qt
from python_qt_binding.QtWidgets import QHBoxLayout, QPushButton, QWidget

from adapt_rqt.model import LabelModel

JUDGEMENTS = {
    Qt.Key_S: LabelValue.SUCCESS,
    Qt.Key_F: LabelValue.FAILURE,
    Qt.Key_U: LabelValue.UNSURE,
}


class LabelBar(QWidget):
    """Buttons over the model."""

    def __init__(self, model: LabelModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        self._judging = [self._judge_button(key, value, layout) for key, value in JUDGEMENTS.items()]
        layout.addSpacing(16)
        self._judging.append(self._button("N   Later", "later", model.later, layout))
        self._undo = self._button("Z   Undo", "undo", model.undo, layout)
        model.changed.connect(self._follow)
        self._follow()

    def press(self, key: int) -> bool:
        """Do what `key` means; False when it means nothing here."""
        if key in JUDGEMENTS:
            self._model.judge(JUDGEMENTS[key])
        elif key == Qt.Key_Z:
            self._model.undo()
        elif key == Qt.Key_N:
            self._model.later()
        else:
            return False
        return True

    def _judge_button(self, key: int, value: LabelValue, layout: QHBoxLayout) -> QPushButton:
        text = f"{chr(key)}   {value.capitalize()}"
        return self._button(text, value.value, lambda: self._model.judge(value), layout, stretch=2)

    def _button(self, text: str, name: str, action: object, layout: QHBoxLayout, stretch: int = 1) -> QPushButton:
        button = QPushButton(text)
        button.setObjectName(name)
        button.setProperty("judgement", True)
        button.setFocusPolicy(Qt.NoFocus)
        button.clicked.connect(action)
        layout.addWidget(button, stretch)
        return button

    def _follow(self) -> None:
        for button in self._judging:
            button.setEnabled(self._model.current is not None and not self._model.saving)
        self._undo.setEnabled(self._model.given > 0 and not self._model.saving)
