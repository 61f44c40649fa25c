"""A desk that needs no graph: it appends to the store of a run itself."""

from __future__ import annotations

from functools import partial

from adapt_core.episode_store import EpisodeStore, Label
from adapt_core.errors import AdaptError
from adapt_core.types import LabelValue
from python_qt_binding.QtCore import QObject, QTimer

from adapt_rqt.background import Background
from adapt_rqt.desk import LabelDesk
from adapt_rqt.values import Judgement, Waiting

LOOK_S = 1.0  # how soon new episodes and the labels of others are seen


class StoreDesk(LabelDesk):
    """Looks at the store every second: others may add to it and label in it."""

    def __init__(self, store: EpisodeStore, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._store = store
        self._known: dict[str, Label] | None = None
        self._background = Background(self)
        self._timer = QTimer(self)
        self._timer.timeout.connect(self.refresh)
        self._timer.start(int(1000 * LOOK_S))

    def refresh(self) -> None:
        """See LabelDesk."""
        self._background.run(self._look, self._tell, self._complain)

    def label(self, judgement: Judgement) -> None:
        """See LabelDesk."""
        append = partial(self._store.label, judgement.episode_id, judgement.value, judgement.operator)
        self._background.run(
            append,
            lambda _: self.kept.emit(judgement),
            lambda error: self.refused.emit(judgement.episode_id, str(error)),
        )

    def close(self) -> None:
        """See LabelDesk."""
        self._timer.stop()
        self._background.close()

    def _look(self) -> tuple[list[Waiting], dict[str, Label]]:
        return [Waiting(str(self._store.root), meta.episode_id) for meta in self._store.pending()], self._store.labels()

    def _tell(self, seen: tuple[list[Waiting], dict[str, Label]]) -> None:
        pending, labels = seen
        for judgement in _changes(labels if self._known is None else self._known, labels):
            self.heard.emit(judgement)
        self._known = labels
        self.pending.emit(pending)

    def _complain(self, error: AdaptError) -> None:
        self.refused.emit("", str(error))


def _changes(before: dict[str, Label], now: dict[str, Label]) -> list[Judgement]:
    """What people did between two looks at the labels."""
    given = [Judgement(label.episode, label.value, label.operator) for label in now.values()]
    return [
        *(judgement for judgement in given if before.get(judgement.episode_id) != now[judgement.episode_id]),
        *(Judgement(episode, LabelValue.UNLABELED, "") for episode in before.keys() - now.keys()),
    ]
