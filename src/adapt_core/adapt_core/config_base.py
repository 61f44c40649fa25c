"""A YAML file that says only what differs from another one."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from adapt_core.config import read_yaml
from adapt_core.config_keys import KIND
from adapt_core.errors import ConfigError

EXTENDS = "extends"


def read_extended(path: Path) -> Any:
    """The data of `path`; with `extends: name` on top of that of `name`.yaml beside it, which may extend another.

    Mappings are merged key by key; one of another `kind`, and any other value, takes the place of what it stands for.
    Raises ConfigError as `read_yaml`, and for files that extend each other in a circle.
    """
    return _read(path, ())


def _read(path: Path, above: tuple[Path, ...]) -> Any:
    if path in above:
        chain = " extends ".join(one.name for one in (*above, path))
        raise ConfigError(f"{path}: {EXTENDS}: {chain}, which never ends: let one of them stand alone")
    data = read_yaml(path)
    if not isinstance(data, dict) or EXTENDS not in data:
        return data
    name = data.pop(EXTENDS)
    if not isinstance(name, str):
        raise ConfigError(f"{path}: {EXTENDS}: must be the name of a file beside this one, not {name!r}")
    return _merged(_read(path.with_name(f"{name}.yaml"), (*above, path)), data)


def _merged(base: Any, changes: Any) -> Any:
    if not isinstance(base, Mapping) or not isinstance(changes, Mapping):
        return changes
    if KIND in changes and changes[KIND] != base.get(KIND):
        return changes
    return {**base, **{key: _merged(base.get(key), value) for key, value in changes.items()}}
