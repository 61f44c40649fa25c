"""Suites of tasks, one YAML file each: `config/tasks/<suite>.yaml`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NoReturn

from pydantic import PositiveInt

from adapt_core.config import load_yaml
from adapt_core.config_keys import did_you_mean
from adapt_core.errors import UnknownTaskError
from adapt_core.paths import config_file
from adapt_core.types import Task


@dataclass(frozen=True)
class _Entry:
    """A task. `demonstrations`: how many the papers learn from; `in_prior`: may an embedded prior see it elsewhere?"""

    in_domain_prompt: str
    prior_prompt: str
    novel: bool
    demonstrations: PositiveInt = 25
    in_prior: bool | None = None  # the novel ones, where nothing is said


class Suite(dict[str, Task]):
    """The tasks of one suite by id. `suite["no-such-task"]` raises UnknownTaskError with close matches."""

    def __init__(self, name: str, entries: Mapping[str, _Entry]) -> None:
        """A suite called `name` of `entries` by task id."""
        super().__init__(
            (task_id, Task(task_id, name, entry.in_domain_prompt, entry.prior_prompt, entry.novel))
            for task_id, entry in entries.items()
        )
        self.name = name
        self._entries = entries

    def __missing__(self, task_id: str) -> NoReturn:
        """Raise UnknownTaskError: called for ids that are not in the suite."""
        meant = did_you_mean(task_id, self) or f": it has {', '.join(self)}"
        raise UnknownTaskError(f'the suite "{self.name}" has no task "{task_id}"{meant}')

    def seen(self) -> list[Task]:
        """Tasks with demonstrations, in the file's order."""
        return [task for task in self.values() if not task.novel]

    def novel(self) -> list[Task]:
        """Tasks that the in-domain model never saw, in the file's order."""
        return [task for task in self.values() if task.novel]

    def in_prior(self) -> list[Task]:
        """Tasks that an embedded prior may see, in other surroundings than the robot's: not those it is judged by."""
        said = {task_id: entry.in_prior for task_id, entry in self._entries.items()}
        return [task for task in self.values() if said[task.id] or (said[task.id] is None and task.novel)]

    def judged(self) -> list[Task]:
        """Tasks that self-improvement is judged by (`in_prior: false`), in the file's order."""
        return [task for task in self.values() if self._entries[task.id].in_prior is False]

    def demonstrations(self, task_id: str) -> int:
        """How many demonstrations of this task the papers learn from. Raises UnknownTaskError."""
        return self._entries[self[task_id].id].demonstrations


def load_suite(suite: str) -> Suite:
    """Read `config/tasks/<suite>.yaml`. Raises ConfigError."""
    return Suite(suite, load_yaml(config_file("tasks", f"{suite}.yaml"), dict[str, _Entry]))
