"""The panel drawn with everything on it: kept as a picture, and what must be seen is there to be seen."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from adapt_core.episode_store import EpisodeStore
from adapt_rqt.model import LabelModel
from adapt_rqt.store_desk import StoreDesk
from adapt_rqt.values import GuardState, Preview, Scene
from adapt_rqt.widget import PanelWidget
from python_qt_binding.QtGui import QImage
from python_qt_binding.QtWidgets import QPushButton

STOP_RED = (210, 31, 31)


def test_everything_is_in_sight(screen: Any, store: EpisodeStore, make: Any, tmp_path: Path) -> None:
    for index in range(3):
        make.record(store, index)
    desk = StoreDesk(store)
    panel = PanelWidget(LabelModel(desk, "ada"), with_robot=True)
    assert panel.motion is not None
    panel.resize(1280, 760)
    panel.show()
    desk.refresh()
    screen.until(lambda: panel.ready, "the first episode")
    panel.replay.step(5)
    panel.motion.show_guard(GuardState(enabled=True, stopped=False, moving=True, code="", message=""))
    panel.motion.scene.ask(Scene(1, "drawer-close", waiting=True))
    frames = np.stack([make.picture(step) for step in range(8)])
    panel.motion.preview.ask(Preview("hash", "a robot arm closing a drawer", frames, 8, 4.0))
    screen.wait(0.1)
    drawn = panel.grab().toImage()
    picture = tmp_path / "panel.png"
    assert drawn.save(str(picture))
    assert share_of(drawn, STOP_RED) > 0.01
    whole = panel.rect()
    for button in panel.findChildren(QPushButton):
        place = button.rect().translated(button.mapTo(panel, button.rect().topLeft()))
        assert whole.contains(place), button.text()
        assert button.width() >= button.sizeHint().width(), f"{button.text()} is cut off"
    desk.close()
    panel.close_parts()


def share_of(image: QImage, colour: tuple[int, int, int]) -> float:
    """The share of pixels of nearly this colour."""
    rgb = image.convertToFormat(QImage.Format_RGB888)
    data = rgb.constBits().asarray(rgb.bytesPerLine() * rgb.height())
    pixels = np.frombuffer(data, np.uint8).reshape(rgb.height(), rgb.bytesPerLine())[:, : 3 * rgb.width()]
    near = np.abs(pixels.reshape(-1, 3).astype(int) - colour).max(axis=1) < 8
    return float(near.mean())
