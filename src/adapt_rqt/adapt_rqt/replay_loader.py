"""Reads the replays of the episodes to judge, off the screen's thread; only the one asked for last is delivered."""

from __future__ import annotations

from pathlib import Path

from adapt_core.episode_store import EpisodeStore
from adapt_core.errors import AdaptError, StoreError
from python_qt_binding.QtCore import QObject, Signal

from adapt_rqt.background import Background
from adapt_rqt.replay import Replay, load_replay
from adapt_rqt.values import Waiting


class ReplayLoader(QObject):
    """Signals in Qt's thread."""

    loaded = Signal(object)  # Replay
    failed = Signal(str, str)  # id of the episode, and why it cannot be shown

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._background = Background(self)
        self._stores: dict[str, EpisodeStore] = {}
        self._wanted = ""

    def ask(self, episode: Waiting) -> None:
        """Load this one; what was asked for before is not wanted any more."""
        self._wanted = episode.episode_id
        self._background.run(
            lambda: self._load(episode),
            self._deliver,
            lambda error: self._fail(episode.episode_id, error),
        )

    def close(self) -> None:
        """No signals any more."""
        self._background.close()

    def _load(self, episode: Waiting) -> Replay:
        if episode.store not in self._stores:
            if not Path(episode.store).is_dir():
                raise StoreError(
                    f"this machine does not see {episode.store}, where the episode lies: mount the run folder here under "
                    "the same path, or start the panel where the graph writes"
                )
            self._stores[episode.store] = EpisodeStore(episode.store)
        return load_replay(self._stores[episode.store], episode.episode_id)

    def _deliver(self, replay: Replay) -> None:
        if replay.meta.episode_id == self._wanted:
            self.loaded.emit(replay)

    def _fail(self, episode_id: str, error: AdaptError) -> None:
        if episode_id == self._wanted:
            self.failed.emit(episode_id, str(error))
