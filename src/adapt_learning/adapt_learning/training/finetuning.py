"""A finetuning from request to stored version, whichever model it is of."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Generic, TypeVar

from adapt_core.errors import TrainingError
from adapt_core.ports import LossProgress, StopCheck
from adapt_core.types import FinetuneRequest
from adapt_core.weights import WeightsHeader, WeightsRole, WeightsStore
from torch import nn

from adapt_learning.training.checkpoint import FILE as CHECKPOINT
from adapt_learning.training.engine import Run
from adapt_learning.training.processes import Processes
from adapt_learning.training.settings import TrainSettings

M = TypeVar("M", bound=nn.Module)


@dataclass(frozen=True)
class Finetuning(Generic[M]):
    """What finetunings of one model have in common.

    `folder` keeps one folder a version: the checkpoint while it trains, TensorBoard scalars for good. `learn` trains the
    weights that a request is based on, `write` stores the outcome; `settings` are what a request leaves open.
    """

    preset: str
    role: WeightsRole
    settings: TrainSettings
    store: WeightsStore | None
    folder: Path
    learn: Callable[[FinetuneRequest, TrainSettings, Run], M]
    write: Callable[[str, M, WeightsHeader], None]

    def run(self, request: FinetuneRequest, progress: LossProgress | None, should_stop: StopCheck) -> str:
        """The new version; one that is stored already by the same request is returned at once.

        Under `accelerate launch` every process calls it. Raises TrainingError, CancelledByUserError, StorageFullError.
        """
        identity = json.dumps(asdict(request), sort_keys=True)
        if self.store is not None and request.new_version in self.store:
            if self.store.meta(request.new_version).facts.get("request") != identity:
                raise TrainingError(f"weights {request.new_version} are of another finetuning: choose another name")
            return request.new_version
        processes = Processes()
        settings = replace(
            self.settings, steps=request.steps, batch_size=request.batch_size, learning_rate=request.learning_rate
        )
        run = Run(self.folder / request.new_version, request.seed, identity, progress, should_stop)
        model = self.learn(request, settings, run)
        if processes.main:
            self.write(request.new_version, model, self._header(request, identity))
            (run.folder / CHECKPOINT).unlink(missing_ok=True)
        processes.wait()
        return request.new_version

    def _header(self, request: FinetuneRequest, identity: str) -> WeightsHeader:
        facts = {
            "request": identity,
            "episodes": len(request.episodes),
            "steps": request.steps,
            "batch_size": request.batch_size,
            "learning_rate": request.learning_rate,
            "seed": request.seed,
        }
        return WeightsHeader(self.preset, self.role, parent=request.base_version, facts=facts)
