"""Worlds by name. A new world is one file here and one line in `WORLDS`."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any

from adapt_core.errors import ConfigError
from adapt_core.ports import World

WORLDS = {
    "metaworld": "adapt_sim.metaworld:MetaWorldWorld",
    "dmc": "adapt_sim.dmc:DmcWorld",
}


def world_names() -> tuple[str, ...]:
    """The names that `make_world` knows, sorted."""
    return tuple(sorted(WORLDS))


def make_world(name: str, **settings: Any) -> World:
    """Make the world `name`; `settings` are its constructor's keyword arguments. Its simulator is imported only now.

    Raises ConfigError for an unknown name or setting.
    """
    if name not in WORLDS:
        raise ConfigError(f"no world '{name}'; there are: {', '.join(world_names())}")
    module, class_name = WORLDS[name].split(":")
    world_class: Callable[..., World] = getattr(importlib.import_module(module), class_name)
    try:
        return world_class(**settings)
    except TypeError as error:
        raise ConfigError(f"world '{name}' does not take these settings: {error}") from error
