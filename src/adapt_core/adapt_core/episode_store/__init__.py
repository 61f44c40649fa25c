"""Episodes on disk: a folder each, whole or marked aborted after any crash, with labels kept apart."""

from adapt_core.episode_store.index import EpisodeFilter
from adapt_core.episode_store.labels import Label
from adapt_core.episode_store.meta import EpisodeHeader, EpisodeMeta
from adapt_core.episode_store.reader import EpisodeSteps
from adapt_core.episode_store.store import ClipRef, EpisodeStore
from adapt_core.episode_store.writer import EpisodeWriter

__all__ = [
    "ClipRef",
    "EpisodeFilter",
    "EpisodeHeader",
    "EpisodeMeta",
    "EpisodeSteps",
    "EpisodeStore",
    "EpisodeWriter",
    "Label",
]
