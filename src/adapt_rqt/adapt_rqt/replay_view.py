"""The episode, looped, beside what was imagined; a slider to scrub, and its first and last frame."""

from __future__ import annotations

from adapt_core.types import Image
from python_qt_binding.QtCore import Qt, QTimer
from python_qt_binding.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QPushButton, QSlider, QVBoxLayout, QWidget

from adapt_rqt.picture import Picture
from adapt_rqt.replay import PACE_S, Replay

PAUSE_S = 0.8  # at the end, before it begins again
NOTHING = "no plan was followed here"
DAMAGED = "this frame is damaged"


class ReplayView(QWidget):
    """Plays as soon as it is given a replay."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._real_frames: list[Image | None] = []
        self._imagined_frames: list[Image | None] = []
        self._frame_s = PACE_S
        self._real, self._imagined = Picture(240), Picture(240)
        self._first, self._last = Picture(110), Picture(110)
        self._slider = QSlider(Qt.Horizontal)
        self._slider.setFocusPolicy(Qt.NoFocus)
        self._slider.valueChanged.connect(self._show)
        self._slider.sliderPressed.connect(self.pause)
        self._play = QPushButton()
        self._play.setFocusPolicy(Qt.NoFocus)
        self._play.setFixedWidth(110)
        self._play.clicked.connect(self.toggle)
        self._count = QLabel()
        self._count.setMinimumWidth(110)
        self._count.setAlignment(Qt.AlignRight | Qt.AlignVCenter)
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._next)
        self._lay_out()
        self.clear("")

    @property
    def playing(self) -> bool:
        """It runs by itself."""
        return bool(self._timer.isActive())

    @property
    def frame(self) -> int:
        """Index of the frame that is shown."""
        return int(self._slider.value())

    def play(self, replay: Replay) -> None:
        """Show an episode from its beginning."""
        self._load(replay.real, replay.imagined, replay.frame_s)
        self._first.show_image(replay.real[0] if replay.real else None, DAMAGED)
        self._last.show_image(replay.real[-1] if replay.real else None, DAMAGED)

    def clear(self, words: str) -> None:
        """Show no episode, but `words`."""
        self._load([], [], PACE_S)
        for picture in (self._real, self._imagined, self._first, self._last):
            picture.show_image(None, words if picture is self._real else "")

    def toggle(self) -> None:
        """Pause, or play on."""
        if self.playing:
            self.pause()
        elif self._real_frames:
            self._timer.start(int(1000 * self._frame_s))
            self._name_button()

    def pause(self) -> None:
        """Stand still."""
        self._timer.stop()
        self._name_button()

    def step(self, by: int) -> None:
        """Pause, and go `by` frames on or back."""
        self.pause()
        self._slider.setValue(self.frame + by)

    def _load(self, real: list[Image | None], imagined: list[Image | None], frame_s: float) -> None:
        self.pause()
        self._real_frames, self._imagined_frames, self._frame_s = real, imagined, frame_s
        self._slider.setRange(0, max(0, len(real) - 1))
        self._slider.setValue(0)
        self._show(0)
        self.toggle()

    def _next(self) -> None:
        last = len(self._real_frames) - 1
        self._slider.setValue(self.frame + 1 if self.frame < last else 0)
        self._timer.setInterval(int(1000 * (PAUSE_S if self.frame == last else self._frame_s)))

    def _show(self, index: int) -> None:
        if index < len(self._real_frames):
            self._real.show_image(self._real_frames[index], DAMAGED)
            self._imagined.show_image(self._imagined_frames[index], NOTHING if index else "the plan starts from here")
            self._count.setText(f"frame {index + 1} of {len(self._real_frames)}")
        else:
            self._count.setText("")

    def _name_button(self) -> None:
        self._play.setText("❚❚  pause" if self.playing else "▶  play")

    def _lay_out(self) -> None:
        grid = QGridLayout()
        grid.setSpacing(8)
        columns = (("What happened", self._real, 3), ("What was imagined", self._imagined, 3))
        for column, (title, picture, stretch) in enumerate(columns):
            grid.addWidget(_heading(title), 0, column)
            grid.addWidget(picture, 1, column)
            grid.setColumnStretch(column, stretch)
        ends = QVBoxLayout()
        ends.setSpacing(8)
        for title, picture in (("", self._first), ("Last frame", self._last)):
            if title:
                ends.addWidget(_heading(title))
            ends.addWidget(picture, 1)
        grid.addWidget(_heading("First frame"), 0, 2)
        grid.addLayout(ends, 1, 2)
        grid.setColumnStretch(2, 2)
        grid.setRowStretch(1, 1)
        controls = QHBoxLayout()
        for widget in (self._play, self._slider, self._count):
            controls.addWidget(widget)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addLayout(grid, 1)
        layout.addLayout(controls)


def _heading(text: str) -> QLabel:
    label = QLabel(text)
    label.setObjectName("heading")
    return label
