"""A person judges episodes one by one. Only what is in `judge` and `undo` ever writes; unlabeled stays unlabeled."""

from __future__ import annotations

from dataclasses import dataclass, field

from adapt_core.episode_store import EpisodeMeta, EpisodeStore
from adapt_core.types import LabelValue


@dataclass
class LabelSession:
    """Walks through the episodes that wait. `labelled` are those judged in this session, in order."""

    store: EpisodeStore
    operator: str
    queue: list[EpisodeMeta] = field(default_factory=list)
    labelled: list[EpisodeMeta] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.queue = self.queue or self.store.pending()

    @property
    def current(self) -> EpisodeMeta | None:
        """The episode to judge now; None when none waits."""
        return self.queue[0] if self.queue else None

    def judge(self, value: LabelValue) -> None:
        """Label the current episode and go on to the next."""
        if self.queue:
            self.store.label(self.queue[0].episode_id, value, operator=self.operator)
            self.labelled.append(self.queue.pop(0))

    def skip(self) -> None:
        """Leave the current episode for later, unlabeled."""
        if self.queue:
            self.queue.append(self.queue.pop(0))

    def undo(self) -> bool:
        """Take back the last judgement of this session and return to its episode; False when there is none."""
        if not self.labelled:
            return False
        meta = self.labelled.pop()
        self.store.label(meta.episode_id, LabelValue.UNLABELED, operator=self.operator)
        self.queue.insert(0, meta)
        return True
