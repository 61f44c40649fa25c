"""Tables of success rates, one YAML file each: `config/tables/<table>.yaml`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Annotated

from pydantic import Field, NonNegativeInt, PositiveInt

from adapt_core.config import load_yaml
from adapt_core.errors import ConfigError
from adapt_core.paths import config_file
from adapt_core.rollouts import scene_seed
from adapt_core.settings import ExperienceShare
from adapt_core.types import ControlLoop, ExperienceFilter

EXTRA_STEPS = "extra_steps"  # the loop's control, as the rows call it


class Control(StrEnum):
    """What stands beside the methods, so that their rates mean something."""

    RANDOM_WAYPOINT = "random_waypoint"  # the floor: the hand wanders between random points, whatever the task
    EXPERT_FRAMES = "expert_frames"  # the ceiling: the inverse dynamics follows what an expert's camera saw


@dataclass(frozen=True)
class InitialDemonstrations:
    """D_ini of a table's loops: `count` of each task, by experts whose actions are random to `random_share`.

    `midway` more of each begin in the middle of the task, the hand off its path (MetaWorld only).
    """

    tasks: tuple[str, ...]
    count: PositiveInt
    random_share: Annotated[float, Field(ge=0, le=1)] = 0.0
    midway: NonNegativeInt = 0


@dataclass(frozen=True)
class TableLoop:
    """How the methods improve themselves: SAIL, once for each of `filters`.

    `extra_steps` names the method beside whose curve its control stands: as many finetuning steps, on the initial data
    alone. Of `experience_share` see `SailSettings`.
    """

    iterations: PositiveInt
    filters: tuple[ExperienceFilter, ...]
    initial_data: InitialDemonstrations
    extra_steps: str | None = None
    experience_share: ExperienceShare | None = None


@dataclass(frozen=True)
class Cell:
    """One method on one task in one run; with a `filter` it is a loop, whose iterations are a row each."""

    method: str
    task: str
    seed: int
    filter: ExperienceFilter | None = None

    @property
    def name(self) -> str:
        """For files and progress bars."""
        return "-".join(str(part) for part in (self.method, self.filter, self.task, self.seed) if part is not None)


@dataclass(frozen=True)
class Table:
    """Which methods are tried on which tasks, in how many scenes; without a `loop` nothing is learned.

    `about` says in a sentence what it shows; `methods` are the planner's (ipa, pa, in_domain, vanilla). Each of `seeds` is
    a run of its own, with its own scenes, noise and finetuning; `first_scene` moves the scenes on; `control_loop` replaces
    the robot's.
    """

    name: str
    about: str
    robot: str
    preset: str
    tasks: tuple[str, ...]
    methods: tuple[str, ...]
    controls: tuple[Control, ...]
    episodes: PositiveInt
    seeds: tuple[NonNegativeInt, ...]
    first_scene: NonNegativeInt = 0
    control_loop: ControlLoop | None = None
    loop: TableLoop | None = None

    def scenes(self, seed: int) -> range:
        """The seeds of a run's scenes; in a loop those of its first iteration."""
        first = scene_seed(seed, 0, self.first_scene)
        return range(first, first + self.episodes)

    def cells(self) -> Iterator[Cell]:
        """All that is to be run. Methods are the outermost, so that models are loaded once."""
        runs = [(task, seed) for seed in self.seeds for task in self.tasks]
        for control in self.controls:
            yield from (Cell(control.value, *run) for run in runs)
        for method, chosen in self._learners():
            yield from (Cell(method, *run, chosen) for run in runs)

    def planned_by(self, cell: Cell) -> str:
        """The planner's method behind a cell's."""
        if cell.method == EXTRA_STEPS and self.loop is not None and self.loop.extra_steps is not None:
            return self.loop.extra_steps
        return cell.method

    def _learners(self) -> Iterator[tuple[str, ExperienceFilter | None]]:
        if self.loop is None:
            yield from ((method, None) for method in self.methods)
            return
        yield from ((method, chosen) for method in self.methods for chosen in self.loop.filters)
        if self.loop.extra_steps is not None:
            yield EXTRA_STEPS, self.loop.filters[0]


def load_table(name: str) -> Table:
    """Read `config/tables/<name>.yaml`. Raises ConfigError."""
    path = config_file("tables", f"{name}.yaml")
    table = load_yaml(path, Table, {"name": name})
    for key in ("tasks", "seeds"):
        if not getattr(table, key):
            raise ConfigError(f"{path}: {key}: give at least one")
    return table


@dataclass(frozen=True)
class Changes:
    """What a trial of a table does otherwise; what is empty or None stays as the table has it.

    `tasks` and `methods`, controls and extra_steps among them, choose from the table's own.
    """

    tasks: tuple[str, ...] = ()
    methods: tuple[str, ...] = ()
    seeds: tuple[int, ...] = ()
    preset: str = ""
    control_loop: ControlLoop | None = None
    episodes: int | None = None
    iterations: int | None = None
    demonstrations: int | None = None

    def of(self, table: Table) -> Table:
        """The changed table. Raises ConfigError for tasks and methods that it does not have, or that do not fit."""
        own = (*table.methods, *table.controls, *((EXTRA_STEPS,) if table.loop and table.loop.extra_steps else ()))
        methods = _chosen(self.methods, own, "methods")
        if table.loop is None and (self.iterations or self.demonstrations):
            raise ConfigError(f"nothing is learned in the table {table.name}: leave out iterations and demonstrations")
        return replace(
            table,
            tasks=_chosen(self.tasks, table.tasks, "tasks"),
            methods=tuple(method for method in table.methods if method in methods),
            controls=tuple(control for control in table.controls if control in methods),
            seeds=self.seeds or table.seeds,
            preset=self.preset or table.preset,
            control_loop=self.control_loop or table.control_loop,
            episodes=self.episodes or table.episodes,
            loop=table.loop and self._of_loop(table.loop, EXTRA_STEPS in methods),
        )

    def _of_loop(self, loop: TableLoop, extra_steps: bool) -> TableLoop:
        data = loop.initial_data
        if self.demonstrations:
            data = replace(data, count=self.demonstrations, midway=min(data.midway, self.demonstrations))
        return replace(
            loop,
            iterations=self.iterations or loop.iterations,
            initial_data=data,
            extra_steps=loop.extra_steps if extra_steps else None,
        )


def _chosen(wanted: tuple[str, ...], own: tuple[str, ...], what: str) -> tuple[str, ...]:
    """`wanted`, in the order of `own`; all of `own` where nothing is wanted."""
    if unknown := [name for name in wanted if name not in own]:
        raise ConfigError(f"{what}: this table has no {unknown[0]}; it has: {', '.join(own)}")
    return tuple(name for name in own if not wanted or name in wanted)
