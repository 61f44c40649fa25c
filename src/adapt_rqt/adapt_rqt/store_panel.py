"""The panel of a run folder, without a graph: it labels, and minds no robot."""

from __future__ import annotations

from adapt_core.episode_store import EpisodeStore
from python_qt_binding.QtCore import QObject

from adapt_rqt.model import LabelModel
from adapt_rqt.store_desk import StoreDesk
from adapt_rqt.widget import PanelWidget


class StorePanel(QObject):
    """Widget, model and store wired together."""

    def __init__(self, store: EpisodeStore, operator: str) -> None:
        super().__init__()
        self._desk = StoreDesk(store, self)
        self.model = LabelModel(self._desk, operator, self)
        self.widget = PanelWidget(self.model, with_robot=False)
        self._desk.refresh()

    def close(self) -> None:
        """Finish the label that is being written; no timers and no threads any more."""
        self._desk.close()
        self.widget.close_parts()
