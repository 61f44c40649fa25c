"""Shows where the loop is: progress bars on a terminal, plain lines anywhere else."""

from __future__ import annotations

import math
from types import TracebackType

from adapt_core.sail_request import Phase, SailProgress
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from adapt_cli.console import err

ROLLOUT_SHARE = 0.6  # of an iteration's bar; the rest is finetuning


class SailScreen:
    """Call it with each SailProgress, within a `with` block."""

    def __init__(self, iterations: int, episodes: int, console: Console | None = None) -> None:
        self.iterations = iterations
        self.episodes = episodes
        self.console = console or err()
        self._said: tuple[object, ...] = ()
        self._bars = Progress(
            TextColumn("{task.description}", justify="left"),
            BarColumn(bar_width=28),
            TextColumn("{task.fields[now]}"),
            TimeElapsedColumn(),
            console=self.console,
            disable=not self.console.is_terminal,
        )
        self._loop: TaskID = self._bars.add_task("loop", total=iterations, now="starting")
        self._episodes: TaskID = self._bars.add_task("episodes", total=episodes, now="")
        self._work: TaskID = self._bars.add_task("now", total=None, now="")

    def __enter__(self) -> SailScreen:
        self._bars.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if error is None:
            done = self.iterations
            self._bars.update(self._loop, completed=done, now=f"all {done} iterations done")
            self._bars.update(self._work, total=1, completed=1, now="")
        self._bars.stop()

    def __call__(self, progress: SailProgress) -> None:
        """Show `progress`."""
        weights = f"iteration {progress.iteration + 1} of {self.iterations} · weights {progress.weights_version}"
        self._bars.update(self._loop, completed=progress.iteration + self._share(progress), now=weights)
        done = min(progress.episode, self.episodes)
        count = f"{done} of {self.episodes} done" + (f" · {progress.successes} succeeded" if done else "")
        self._bars.update(self._episodes, completed=done, now=count)
        self._bars.update(
            self._work,
            description=f"{progress.phase:<8}",
            total=progress.steps or None,
            completed=progress.step,
            now=doing(progress),
        )
        if not self.console.is_terminal:
            self._say(progress, weights)

    def _share(self, progress: SailProgress) -> float:
        """How much of the present iteration is done, 0 to 1."""
        step = progress.step / progress.steps if progress.steps else 0.0
        if progress.phase is Phase.FINETUNE:
            return ROLLOUT_SHARE + (1 - ROLLOUT_SHARE) * step
        if progress.phase is Phase.LABEL:
            return ROLLOUT_SHARE
        return ROLLOUT_SHARE * min(1.0, (progress.episode + step) / max(1, self.episodes))

    def _say(self, progress: SailProgress, weights: str) -> None:
        """One line for each episode, each round of labels and each quarter of a finetuning."""
        quarter = 4 * progress.step // progress.steps if progress.phase is Phase.FINETUNE and progress.steps else 0
        episode = progress.episode if progress.phase is Phase.ROLLOUT else 0
        key = (progress.phase, progress.iteration, episode, quarter)
        if key != self._said:
            self._said = key
            self.console.print(f"{weights} · {doing(progress)}")


def doing(progress: SailProgress) -> str:
    """What is happening now, in words."""
    match progress.phase:
        case Phase.ROLLOUT:
            return f"episode {progress.episode}: frame {progress.step} of at most {progress.steps}"
        case Phase.LABEL:
            return f"labels: {progress.episode} of {progress.steps} given (by hand: adapt label)"
        case Phase.FINETUNE:
            loss = "" if math.isnan(progress.loss) else f", loss {progress.loss:.4f}"
            return f"finetuning: step {progress.step} of {progress.steps}{loss}"
