"""The panel: judge episodes on the left, mind the robot on the right. No ROS in here."""

from __future__ import annotations

from python_qt_binding.QtCore import QEvent, QObject, Qt
from python_qt_binding.QtGui import QKeyEvent
from python_qt_binding.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QVBoxLayout, QWidget

from adapt_rqt.label_bar import LabelBar
from adapt_rqt.model import LabelModel
from adapt_rqt.motion_column import MotionColumn
from adapt_rqt.replay import Replay
from adapt_rqt.replay_loader import ReplayLoader
from adapt_rqt.replay_view import ReplayView
from adapt_rqt.style import STYLE

KEYS = "Space pauses · ← → step · Esc stops the robot"
NOTHING_WAITS = "No episode waits for a label."


class PanelWidget(QWidget):
    """`motion` is None where there is no robot to mind."""

    def __init__(self, model: LabelModel, with_robot: bool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("panel")
        self.setAttribute(Qt.WA_StyledBackground)
        self.setFocusPolicy(Qt.StrongFocus)
        self.setStyleSheet(STYLE)
        self.setWindowTitle("adapt")
        self.motion = MotionColumn() if with_robot else None
        self.replay = ReplayView()
        self._model = model
        self._shown = ""
        self._loader = ReplayLoader(self)
        self._loader.loaded.connect(self._show_replay)
        self._loader.failed.connect(self._show_failure)
        self._make_parts(model)
        self._lay_out()
        model.changed.connect(self._follow)
        model.said.connect(self.say)
        self._follow()

    @property
    def ready(self) -> bool:
        """The present episode is on the screen: it may be judged."""
        return self._model.current is not None and self._model.current.episode_id == self._model.on_screen

    def say(self, sentence: str) -> None:
        """Tell the operator one thing."""
        self._message.setText(sentence)

    def show_weights(self, version: str) -> None:
        """The version of the weights that imagine now."""
        self._weights.setText(f"weights {version}")

    def close_parts(self) -> None:
        """No timers and no threads any more."""
        self.replay.pause()
        self._loader.close()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """A key that is held down counts once."""
        if event.isAutoRepeat() and event.key() not in (Qt.Key_Left, Qt.Key_Right):
            return
        if event.modifiers() & (Qt.ControlModifier | Qt.AltModifier | Qt.MetaModifier) or not self._press(event.key()):
            super().keyPressEvent(event)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        """Esc stops the robot from within the name, too."""
        if watched is self._operator and event.type() == QEvent.KeyPress and event.key() == Qt.Key_Escape:
            self._press(Qt.Key_Escape)
            return True
        return bool(super().eventFilter(watched, event))

    def _press(self, key: int) -> bool:
        if key == Qt.Key_Escape and self.motion is not None:
            self.motion.stop.emit()
        elif key == Qt.Key_Space:
            self.replay.toggle()
        elif key in (Qt.Key_Left, Qt.Key_Right):
            self.replay.step(1 if key == Qt.Key_Right else -1)
        else:
            return self._labels.press(key)
        return True

    def _follow(self) -> None:
        """Show what the model says."""
        waiting = self._model.waiting
        self._queue.setText(f"{waiting} to label" if waiting else "nothing to label")
        self._notice.setText(self._model.notice)
        self._notice.setVisible(bool(self._model.notice))
        episode = self._model.current
        if episode is None:
            self._shown = ""
            self._prompt.setText(NOTHING_WAITS)
            self._details.setText("New episodes appear here by themselves.")
            self.replay.clear("")
        elif episode.episode_id != self._shown:
            self._shown = episode.episode_id
            self._prompt.setText("…")
            self._details.setText(episode.episode_id)
            self.replay.clear("loading")
            self._loader.ask(episode)

    def _show_replay(self, replay: Replay) -> None:
        if replay.meta.episode_id != self._shown:
            return
        meta = replay.meta
        self._prompt.setText(f"“{meta.prior_prompt or meta.in_domain_prompt}”")
        details = [
            meta.task_id,
            f"iteration {meta.iteration}",
            f"episode {meta.index}",
            f"weights {meta.weights_version}",
        ]
        self._details.setText("  ·  ".join([*details, f"{meta.steps} steps", meta.episode_id]))
        self.replay.play(replay)
        self._model.show(meta.episode_id)
        if replay.damage:
            self.say(replay.damage)

    def _show_failure(self, episode_id: str, why: str) -> None:
        if episode_id == self._shown:
            self._prompt.setText("This episode cannot be shown")
            self.replay.clear(why)

    def _make_parts(self, model: LabelModel) -> None:
        self._labels = LabelBar(model)
        self._prompt, self._details, self._notice = _label("prompt"), _label("details"), _label("notice")
        self._queue, self._weights, self._message = QLabel(), QLabel(), _label("message")
        self._queue.setObjectName("queue")
        self._weights.setObjectName("details")
        self._operator = QLineEdit(model.operator)
        self._operator.setPlaceholderText("your name")
        self._operator.setFixedWidth(160)
        self._operator.setFocusPolicy(Qt.ClickFocus)  # keys judge unless a name is being typed
        self._operator.textChanged.connect(self._rename)
        self._operator.returnPressed.connect(self.setFocus)
        self._operator.installEventFilter(self)

    def _rename(self, name: str) -> None:
        self._model.operator = name.strip()

    def _lay_out(self) -> None:
        top = QHBoxLayout()
        top.setSpacing(12)
        top.addWidget(self._queue)
        top.addWidget(self._weights)
        top.addStretch()
        top.addWidget(QLabel("labelled by"))
        top.addWidget(self._operator)
        keys = _label("details")
        keys.setText(KEYS if self.motion is not None else KEYS.partition(" · Esc")[0])
        left = QVBoxLayout()
        left.setSpacing(8)
        left.addLayout(top)
        for widget in (self._prompt, self._details, self._notice):
            left.addWidget(widget)
        left.addWidget(self.replay, 1)
        for widget in (self._labels, self._message, keys):
            left.addWidget(widget)
        whole = QHBoxLayout(self)
        whole.setContentsMargins(16, 12, 16, 12)
        whole.setSpacing(16)
        whole.addLayout(left, 1)
        if self.motion is not None:
            whole.addWidget(self.motion)


def _label(name: str) -> QLabel:
    label = QLabel()
    label.setObjectName(name)
    label.setWordWrap(True)
    label.setTextFormat(Qt.PlainText)
    return label
