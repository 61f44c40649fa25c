"""One image in a frame of its own, as large as there is room, its proportions kept."""

from __future__ import annotations

import numpy as np
from adapt_core.types import Image
from python_qt_binding.QtCore import QRectF, QSize, Qt
from python_qt_binding.QtGui import QColor, QImage, QPainter, QPaintEvent
from python_qt_binding.QtWidgets import QSizePolicy, QWidget

GROUND, FAINT = QColor("#0f1216"), QColor("#6b7684")


class Picture(QWidget):
    """Shows an RGB image (h, w, 3) uint8, or words where there is none."""

    def __init__(self, least: int, parent: QWidget | None = None) -> None:
        """`least` pixels is the least width and height."""
        super().__init__(parent)
        self._image: QImage | None = None
        self._words = ""
        self._least = least
        self.setMinimumSize(least, least)
        self.setSizePolicy(QSizePolicy.Expanding, QSizePolicy.Expanding)

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """A square."""
        return QSize(self._least, self._least)

    def show_image(self, image: Image | None, words: str = "") -> None:
        """Show `image`, or `words` instead of it."""
        self._words = words
        self._image = None
        if image is not None:
            height, width = image.shape[:2]
            data = np.ascontiguousarray(image).tobytes()
            self._image = QImage(data, width, height, 3 * width, QImage.Format_RGB888).copy()
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Draw."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), GROUND)
        if self._image is None:
            painter.setPen(FAINT)
            painter.drawText(self.rect().adjusted(12, 12, -12, -12), Qt.AlignCenter | Qt.TextWordWrap, self._words)
            return
        painter.setRenderHint(QPainter.SmoothPixmapTransform)
        size = self._image.size().scaled(self.size(), Qt.KeepAspectRatio)
        left, top = (self.width() - size.width()) / 2, (self.height() - size.height()) / 2
        painter.drawImage(QRectF(left, top, size.width(), size.height()), self._image)
