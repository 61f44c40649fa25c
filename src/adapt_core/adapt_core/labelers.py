"""Who says whether an episode succeeded: a person through the store's label log, or the simulator."""

from __future__ import annotations

import time
from dataclasses import dataclass

from adapt_core.episode_store import EpisodeStore
from adapt_core.errors import CancelledByUserError, StoreError
from adapt_core.ports import StopCheck, never
from adapt_core.types import LabelValue

SIMULATOR = "simulator"  # the operator's name in labels given by the simulator's truth


@dataclass(frozen=True)
class StoreLabeler:
    """Waits until somebody has appended a label to the store's log; never labels by itself."""

    store: EpisodeStore
    poll_s: float = 0.5

    def wait_for_label(self, episode_id: str, should_stop: StopCheck = never) -> LabelValue:
        """See ports.Labeler."""
        while (value := self.store.label_of(episode_id)) is LabelValue.UNLABELED:
            if should_stop():
                raise CancelledByUserError(f"waiting for the label of episode {episode_id} was cancelled")
            time.sleep(self.poll_s)
        return value

    def known_label(self, episode_id: str) -> LabelValue:
        """See ports.Labeler."""
        return self.store.label_of(episode_id)


@dataclass(frozen=True)
class SimulatorLabeler:
    """Labels an episode by what the simulator said of it, unless a person already has."""

    store: EpisodeStore

    def wait_for_label(self, episode_id: str, should_stop: StopCheck = never) -> LabelValue:
        """See ports.Labeler. Raises StoreError for an episode whose world could not tell."""
        value = self.known_label(episode_id)
        if value is LabelValue.UNLABELED:
            raise StoreError(f"episode {episode_id} has no simulator's truth; label it by hand: adapt label")
        return value

    def known_label(self, episode_id: str) -> LabelValue:
        """See ports.Labeler."""
        value, success = self.store.label_of(episode_id), self.store.meta(episode_id).success
        if value is not LabelValue.UNLABELED or success is None:
            return value
        value = LabelValue.SUCCESS if success else LabelValue.FAILURE
        self.store.label(episode_id, value, operator=SIMULATOR)
        return value
