"""Opening what lies in a run's folder, with an error that helps where there is none."""

from __future__ import annotations

from pathlib import Path

from adapt_core.config_keys import did_you_mean
from adapt_core.episode_store import EpisodeStore
from adapt_core.episode_store.meta import META_FILE
from adapt_core.errors import ConfigError, StoreError
from adapt_core.run_folder import RunFolder


def existing_run(path: Path) -> RunFolder:
    """The run in `path`. Raises ConfigError, naming close ones, where there is none."""
    if path.is_dir():
        return RunFolder(path)
    beside = [other.name for other in path.parent.iterdir() if other.is_dir()] if path.parent.is_dir() else []
    raise ConfigError(f"there is no run folder {path}{did_you_mean(path.name, beside)}")


def open_store(folder: RunFolder) -> EpisodeStore:
    """The run's episode store. Raises StoreError where it has none yet."""
    if not folder.episodes.is_dir():
        raise StoreError(f"{folder.path} has no episodes yet; run some: adapt sail <task> --run {folder.path}")
    return EpisodeStore(folder.episodes)


def chosen_store(path: Path, demos: bool) -> EpisodeStore:
    """The episodes, or the demonstrations, of the run in `path`; what `path` holds where it is a store itself.

    Raises ConfigError where there is no such folder, StoreError where there are no episodes.
    """
    folder = existing_run(path)
    if not folder.episodes.is_dir() and not folder.demos.is_dir() and any(path.glob(f"*/{META_FILE}")):
        return EpisodeStore(path)
    if not demos:
        return open_store(folder)
    if not folder.demos.is_dir():
        raise StoreError(f"{path} has no demonstrations; collect some: adapt demos <robot> --output {folder.demos}")
    return EpisodeStore(folder.demos)
