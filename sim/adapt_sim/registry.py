"""Worlds by name, and who demonstrates in them. A new world is one file here and one line in `WORLDS`."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator
from typing import Any, Protocol, cast

from adapt_core.errors import ConfigError
from adapt_core.ports import World

from adapt_sim.demonstrations import Demonstration, Recording
from adapt_sim.stills import Still

WORLDS = {
    "metaworld": "adapt_sim.metaworld:MetaWorldWorld",
    "dmc": "adapt_sim.dmc:DmcWorld",
    "panda": "adapt_sim.panda.world:PandaWorld",
}
DEMONSTRATIONS = {
    "metaworld": "adapt_sim.metaworld_demonstrations",
    "panda": "adapt_sim.panda.demonstrations",
}
STILLS = {"metaworld": "adapt_sim.metaworld_stills", "panda": "adapt_sim.panda.stills"}


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


class Demonstrations(Protocol):
    """A module that collects demonstrations in one kind of world, see `adapt_sim.demonstrations`."""

    def collect_expert(
        self, world: Any, task_id: str, seed: int, random_share: float, recording: Recording | None
    ) -> Demonstration:
        """Let an expert, its actions random to this share, do the task in the scene of the seed."""
        ...

    def collect_foreign(
        self, world: Any, task_id: str, seed: int, random_share: float, recording: Recording | None
    ) -> Demonstration:
        """The same in a world with another look, for a prior: physics may be left out."""
        ...

    def collect_random_play(self, world: Any, task_id: str, seed: int, recording: Recording | None) -> Demonstration:
        """Let the hand wander in the scene of the seed."""
        ...

    def collect_random_waypoints(
        self, world: Any, task_id: str, seed: int, recording: Recording | None
    ) -> Demonstration:
        """The same where the things are, as a control: how often is the task done without being meant?"""
        ...


def demonstrations_in(name: str) -> Demonstrations:
    """Who demonstrates in the world `name`. Raises ConfigError where nobody does."""
    if name not in DEMONSTRATIONS:
        raise ConfigError(f"there are scripted experts for {', '.join(sorted(DEMONSTRATIONS))} only, not for {name}")
    return cast(Demonstrations, importlib.import_module(DEMONSTRATIONS[name]))


class StillsModule(Protocol):
    """A module that takes pictures of one kind of world, see `adapt_sim.stills`."""

    def take_stills(self, count: int, image_size: int) -> Iterator[Still]:
        """The first `count` pictures."""
        ...


def stills_in(name: str) -> StillsModule:
    """Who takes pictures of the world `name` that say where things are. Raises ConfigError where nobody does."""
    if name not in STILLS:
        raise ConfigError(
            f"there are pictures that say where things are of {', '.join(sorted(STILLS))} only, not of {name}: choose a "
            "preset without a pointer"
        )
    return cast(StillsModule, importlib.import_module(STILLS[name]))
