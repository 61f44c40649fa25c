"""Where the configuration lies: set by the user, installed with ROS, in the source tree, or shipped in the wheel."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from adapt_core.errors import ConfigError

CONFIG_ENV = "ADAPT_CONFIG_DIR"
_SOURCE_TREE = Path(__file__).resolve().parents[3] / "config"
_PACKAGE_DATA = Path(__file__).resolve().parent / "config_data"


def config_dir() -> Path:
    """The folder with `robots/`, `tasks/`, `models/` and `sail.yaml`.

    The first that exists of: `$ADAPT_CONFIG_DIR`, the installed ROS package `adapt`, `config/` of the source tree,
    the data of this package. Raises ConfigError when `$ADAPT_CONFIG_DIR` names no folder, or when there is none at all.
    """
    chosen = os.environ.get(CONFIG_ENV)
    if chosen:
        if not Path(chosen).is_dir():
            raise ConfigError(f"{CONFIG_ENV}={chosen} is not a folder: correct it or unset it")
        return Path(chosen)
    tried = list(_candidates())
    for candidate in tried:
        if (candidate / "robots").is_dir():
            return candidate
    listed = ", ".join(str(path) for path in tried)
    raise ConfigError(
        f"no configuration found in {listed}: set {CONFIG_ENV} to the folder that holds robots/ and tasks/"
    )


def config_file(*parts: str) -> Path:
    """The file `config_dir()/parts...`. Raises ConfigError naming the files beside it when it is not there."""
    path = config_dir().joinpath(*parts)
    if path.is_file():
        return path
    there = ", ".join(sorted(other.stem for other in path.parent.glob(f"*{path.suffix}"))) or "nothing"
    raise ConfigError(f"{path} does not exist; {path.parent} has: {there}")


def _candidates() -> Iterator[Path]:
    for prefix in filter(None, os.environ.get("AMENT_PREFIX_PATH", "").split(os.pathsep)):
        yield Path(prefix) / "share" / "adapt" / "config"  # where ament_index would look
    yield _SOURCE_TREE
    yield _PACKAGE_DATA
