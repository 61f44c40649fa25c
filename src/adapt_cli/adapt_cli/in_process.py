"""The composition root without ROS: world, guard, planner, inverse dynamics, trainer, labeler and store in one process."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import TracebackType

import torch
from adapt_core.code_version import code_version
from adapt_core.episode_runner import PlanningEpisodeRunner
from adapt_core.episode_store import EpisodeStore
from adapt_core.experience import initial_episodes
from adapt_core.labelers import SimulatorLabeler
from adapt_core.lockstep import LockstepEpisodeRunner
from adapt_core.ports import StopCheck
from adapt_core.robots import Robot
from adapt_core.run_folder import RunFolder
from adapt_core.sail import SailLoop, base_version
from adapt_core.sail_request import SailProgress, SailRequest
from adapt_core.weights import WeightsStore
from adapt_learning.model_family import ModelFamily

from adapt_cli.guarded_worlds import close_all, guarded_worlds
from adapt_cli.sail_job import SailJob


def device() -> str:
    """What models run on here."""
    return "cuda" if torch.cuda.is_available() else "cpu"


class InProcess:
    """All parts, from `with` to the end of its block. Raises ConfigError, WeightsError.

    `runner` runs one episode, in the first world; `batch` many, in all `worlds`.
    """

    def __init__(
        self,
        robot: Robot,
        folder: RunFolder,
        preset: str,
        method: str,
        worlds: int = 1,
        latents: Path | None = None,
    ) -> None:
        """Load models and make worlds, see `guarded_worlds`; nothing is rendered yet.

        Several runs may share the folder `latents` of encoded episodes.
        """
        self.folder = folder
        self.preset = preset
        models = ModelFamily(preset, {"sampler.method": method} if method else None, device())
        self.method = models.preset.sampler.method.value
        weights = WeightsStore(folder.weights)
        self.store = EpisodeStore(folder.episodes)
        self.planner = models.planner(weights)
        self.trainer = models.trainer(weights, folder.path / "training", latents)
        self.worlds = guarded_worlds(robot, worlds)
        self.inverse_dynamics = models.improvable_inverse_dynamics(
            self.worlds[0].spec, robot.frame_skip, weights, self.trainer
        )
        self.runner = PlanningEpisodeRunner(
            world=self.worlds[0],
            planner=self.planner,
            inverse_dynamics=self.inverse_dynamics,
            store=self.store,
            robot=robot,
            method=self.method,
            inverse_dynamics_version=models.version,
            code_version=code_version(),
        )
        self.batch = LockstepEpisodeRunner.of(self.runner, self.worlds)

    def __enter__(self) -> InProcess:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        close_all(self.worlds)

    def run_sail(self, job: SailJob, progress: Callable[[SailProgress], None], should_stop: StopCheck) -> None:
        """Run or resume the loop. Raises AdaptError."""
        facts = {"robot": job.robot.name, "preset": self.preset, "method": self.method}
        self.folder.begin(job.task.id, job.seed, job.settings, job.control_loop, **facts)
        request = SailRequest(
            task=job.task,
            run_id=self.folder.run_id,
            base_version=base_version(self.store, self.folder.run_id, self.planner),
            settings=job.settings,
            initial_data=initial_episodes(job.data, job.settings.filter),
            max_steps=job.robot.max_steps,
            control_loop=job.control_loop,
            seed=job.seed,
        )
        loop = SailLoop(
            self.batch, self.planner, self.trainer, SimulatorLabeler(self.store), self.store, self.inverse_dynamics
        )
        loop.run(request, progress, should_stop)
