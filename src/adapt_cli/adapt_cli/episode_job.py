"""One episode that the user asked for."""

from __future__ import annotations

from dataclasses import dataclass, replace

from adapt_core.robots import Robot
from adapt_core.run_folder import RunFolder
from adapt_core.types import ControlLoop, EpisodeRequest, Task

RUN_ID = "single"  # of episodes that belong to no run of the loop


@dataclass(frozen=True)
class EpisodeJob:
    """`prompt`, when given, replaces both of the task's."""

    robot: Robot
    task: Task
    prompt: str
    folder: RunFolder
    preset: str
    method: str
    seed: int
    max_steps: int
    control_loop: ControlLoop

    def request(self) -> EpisodeRequest:
        """What the episode runner is asked."""
        task = self.task
        if self.prompt:
            task = replace(task, in_domain_prompt=self.prompt, prior_prompt=self.prompt)
        return EpisodeRequest(task, self.seed, RUN_ID, 0, self.seed, self.max_steps, self.control_loop)
