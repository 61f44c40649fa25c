"""The Panda's tasks by id: which things stand on the table, and which scene a seed means."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from typing import Any

import mujoco
from adapt_core.errors import UnknownTaskError

from adapt_sim.panda.colours import NOVEL_CUPS, NOVEL_DRAWERS, SEEN_CUPS, SEEN_DRAWERS
from adapt_sim.panda.cups import Cups, CupScene, cup_scene, mixed_cup_scene
from adapt_sim.panda.drawers import Drawers, DrawerScene, drawer_scene, mixed_drawer_scene
from adapt_sim.panda.table_scene import table_scene_spec

Scene = CupScene | DrawerScene
TASKS = {f"push-{colour}-cup": ("cups", colour) for colour in (*SEEN_CUPS, *NOVEL_CUPS)} | {
    f"open-{colour}-drawer": ("drawers", colour) for colour in (*SEEN_DRAWERS, *NOVEL_DRAWERS)
}


@dataclass(frozen=True)
class TabletopTask:
    """What is to be done: with `things` ("cups" or "drawers"), to the one of this `colour`."""

    things: str
    colour: str

    def scene(self, seed: int) -> Scene:
        """The scene of `seed`: a function of the task and the seed only."""
        return cup_scene(self.colour, seed) if self.things == "cups" else drawer_scene(self.colour, seed)

    def mixed_scene(self, seed: int) -> Scene:
        """A scene of any colours, which it has in common with the tasks of its other colours."""
        return mixed_cup_scene(self.colour, seed) if self.things == "cups" else mixed_drawer_scene(self.colour, seed)


def tabletop_task(task_id: str) -> TabletopTask:
    """The task called `task_id`. Raises UnknownTaskError naming close matches."""
    if task_id not in TASKS:
        close = difflib.get_close_matches(task_id, TASKS, n=5, cutoff=0.4)
        raise UnknownTaskError(f"the Panda has no task '{task_id}'; did you mean: {', '.join(close or TASKS)}?")
    return TabletopTask(*TASKS[task_id])


class Tabletop:
    """The table with cups or drawers on it, compiled once; `lay` brings a scene onto it."""

    def __init__(self, things: str) -> None:
        """`things` are "cups" or "drawers"."""
        self.things: Cups | Drawers = Cups() if things == "cups" else Drawers()
        spec = table_scene_spec()
        self.things.add_to(spec)
        self.model: Any = spec.compile()

    def lay(self, data: Any, scene: Scene) -> None:
        """Put the things of `scene` in place, after a reset of `data` (mujoco.MjData)."""
        self.things.arrange(self.model, data, scene)  # type: ignore[arg-type]  # each knows its own scenes
        mujoco.mj_forward(self.model, data)

    def success(self, data: Any) -> bool:
        """Whether the task of the scene is done at this instant (not latched)."""
        return self.things.success(data)
