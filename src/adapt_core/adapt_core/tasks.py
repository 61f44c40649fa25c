"""Suites of tasks, one YAML file each: `config/tasks/<suite>.yaml`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NoReturn

from adapt_core.config import load_yaml
from adapt_core.config_keys import did_you_mean
from adapt_core.errors import UnknownTaskError
from adapt_core.paths import config_file
from adapt_core.types import Task


@dataclass(frozen=True)
class _Entry:
    in_domain_prompt: str
    prior_prompt: str
    novel: bool


class Suite(dict[str, Task]):
    """The tasks of one suite by id. `suite["no-such-task"]` raises UnknownTaskError with close matches."""

    def __init__(self, name: str, tasks: dict[str, Task]) -> None:
        """A suite called `name` of `tasks` by id."""
        super().__init__(tasks)
        self.name = name

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


def load_suite(suite: str) -> Suite:
    """Read `config/tasks/<suite>.yaml`. Raises ConfigError."""
    entries = load_yaml(config_file("tasks", f"{suite}.yaml"), dict[str, _Entry])
    tasks = {
        task_id: Task(task_id, suite, entry.in_domain_prompt, entry.prior_prompt, entry.novel)
        for task_id, entry in entries.items()
    }
    return Suite(suite, tasks)
