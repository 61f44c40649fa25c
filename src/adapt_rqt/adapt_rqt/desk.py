"""Where labels go and where the episodes that wait for one come from."""

from __future__ import annotations

from python_qt_binding.QtCore import QObject, Signal

from adapt_rqt.values import Judgement


class LabelDesk(QObject):
    """Answers by signals, in Qt's thread, and only for what is on the disk."""

    pending = Signal(object)  # list[Waiting], oldest first
    kept = Signal(object)  # Judgement: it is on the disk
    refused = Signal(str, str)  # id of an episode, and why its label is not known to be on the disk
    heard = Signal(object)  # Judgement that anybody gave

    def refresh(self) -> None:
        """Ask which episodes wait."""
        raise NotImplementedError

    def label(self, judgement: Judgement) -> None:
        """Ask for a label to be appended; `kept` or `refused` follows."""
        raise NotImplementedError

    def close(self) -> None:
        """No signals any more."""
        raise NotImplementedError
