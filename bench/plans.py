"""IPA plans a second: ours against the public sampler's way, and many goals in one batch against one at a time.

`tiny` is the embedded models on one CPU core, in seconds of that core, which the machine's other load does not change
much; `full` the papers' sizes with random weights on a GPU, in seconds of the clock. Plans are whole: encoded, sampled,
decoded. Memory is the most that was held meanwhile, on a CPU with all that the process loaded, both sides' models.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from adapt_core.types import PlanRequest
from adapt_learning.diffusion.ddim import ddim_transitions
from adapt_learning.diffusion.schedule import make_schedule
from adapt_learning.diffusion.settings import Precision, SamplerSettings
from adapt_learning.embedded_weights import embedded_version
from adapt_learning.model_family import ModelFamily
from adapt_learning.planner import ComposedVideoPlanner
from adapt_learning.preset import Preset, load_preset
from adapt_learning.priors.random_pipeline import FULL_SIZE, PipelineSize, RandomPipeline
from adapt_learning.request_noise import RequestNoise
from torch import Tensor

sys.path.insert(0, str(Path(__file__).parent))
from plan_parts.public_plan import EinsumModel, PublicPlanner, plain_copy
from plan_parts.stand_ins import RandomInDomain, RandomText, Recording

GOALS = 16
EQUAL, CLOSE = 1e-4, 1e-2  # absolute error of equal latents, relative error of the fast settings'
MIB = 2**20


def rows() -> list[dict[str, Any]]:
    """The benchmark's rows: name, unit, ours, baseline, ratio, memory of both and the error of our latents."""
    found = tiny_rows()
    if torch.cuda.is_available():
        return found + full_rows(FULL_SIZE, load_preset("metaworld"), "cuda")
    print("plans: no GPU here, ipa_plan_full and batched_plans_full are left out")
    return found


def tiny_rows() -> list[dict[str, Any]]:
    """The embedded models on one core: they are too small for more threads to gain anything."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        family = ModelFamily("tiny")
        codec = family.codec()
        case = Case(family.preset, codec, family.prior(), family.versions(codec.space), family.text_encoder)
        exact, fast = (replace(family.preset.sampler, precision=precision) for precision in Precision)
        return [
            case.row("ipa_plan_tiny_fp32", exact, EQUAL, None),
            case.row("ipa_plan_tiny_fast", fast, None, CLOSE),
            case.batched_row("batched_plans_tiny_fp32", exact),
            case.batched_row("batched_plans_tiny_fast", fast),
        ]
    finally:
        torch.set_num_threads(threads)


def full_rows(size: PipelineSize, preset: Preset, device: str) -> list[dict[str, Any]]:
    """The papers' models with random weights: prior in fp16, in-domain model in bf16 and for the baseline in fp32."""
    torch.manual_seed(0)
    pipeline = RandomPipeline(size, device, torch.float16 if device == "cuda" else torch.float32)
    versions, codec = RandomInDomain(preset), pipeline.codec()
    case = Case(preset, codec, pipeline.prior(), versions, RandomText(preset, device), rounds=2)
    return [
        case.row("ipa_plan_full_fast", preset.sampler, None, None),
        case.batched_row("batched_plans_full", preset.sampler),
    ]


class Case:
    """One preset's models, with a planner of ours and the public way's beside it."""

    def __init__(self, preset: Preset, codec: Any, prior: Any, versions: Any, encoder: Any, rounds: int = 8) -> None:
        self.preset, self.rounds, self.device = preset, rounds, codec.device
        self.codec, self.prior, self.versions, self.encoder = Recording(codec), prior, versions, encoder
        self.version, settings = embedded_version(preset.name), preset.sampler
        schedule = make_schedule(preset.noise.kind, preset.noise.timesteps, preset.noise.shift)
        transitions = ddim_transitions(schedule, settings.steps, settings.stride, identity_step=True)
        exact = plain_copy(versions.load(self.version, codec.device).float())
        copies = (plain_copy(prior.denoiser), EinsumModel(exact), plain_copy(codec))
        self.public = PublicPlanner(
            *copies, prior.encoder, encoder, schedule, settings, transitions, prior.context_frames
        )

    def row(self, name: str, settings: SamplerSettings, equal: float | None, close: float | None) -> dict[str, Any]:
        """Plans a second of ours with `settings` and of the public way, one goal each, in turns."""
        planner, request = self._planner(settings), self._requests(1)[0]
        baseline, _ = self.public.plan(request, self._noise(request))
        planner.plan([request])
        error = _check(self.codec.latents, baseline[0], equal, close)
        ours, theirs = _in_turns(
            [lambda: planner.plan([request]), lambda: self.public.plan(request, self._noise(request))],
            self.rounds,
            self.device,
        )
        return _row(name, 1 / ours.seconds, 1 / theirs.seconds, ours, theirs) | {"latent_error": error}

    def batched_row(self, name: str, settings: SamplerSettings) -> dict[str, Any]:
        """Plans a second of ours for all goals at once and one after the other."""
        planner, requests = self._planner(settings), self._requests(GOALS)
        together, alone = _in_turns(
            [lambda: planner.plan(requests), lambda: [planner.plan([request]) for request in requests]],
            max(2, self.rounds // 2),
            self.device,
        )
        return _row(name, GOALS / together.seconds, GOALS / alone.seconds, together, alone)

    def _planner(self, settings: SamplerSettings) -> ComposedVideoPlanner:
        return ComposedVideoPlanner(
            self.preset, self.codec, self.prior, self.versions, self.version, self.encoder, settings
        )

    def _requests(self, count: int) -> list[PlanRequest]:
        rng, size = np.random.default_rng(0), self.preset.image_size
        coarse = rng.integers(0, 255, (size // 8, size // 8, 3), dtype=np.uint8)
        image = coarse.repeat(8, 0).repeat(8, 1)
        return [PlanRequest(image, "door close", "a robot arm closing a door", seed) for seed in range(count)]

    def _noise(self, request: PlanRequest) -> Tensor:
        size, frames = self.preset.latent_size, self.prior.context_frames + self.preset.future_frames
        return RequestNoise([request.seed], (frames, self.codec.latent_channels, size, size))()


@dataclass
class Cost:
    """What a piece of work took at best, and the most memory it held."""

    seconds: float
    memory_mb: float


def _in_turns(works: list[Callable[[], object]], rounds: int, device: torch.device) -> list[Cost]:
    """Other load only ever slows a round down, so the best of each counts; they take turns to meet the same load."""
    clock = time.perf_counter if device.type == "cuda" else time.process_time
    costs = [Cost(float("inf"), 0.0) for _ in works]
    for work in works:
        work()  # the first call allocates
    for _ in range(rounds):
        for work, cost in zip(works, costs, strict=True):
            _forget_peak(device)
            start = clock()
            work()  # ends with frames on the CPU, so that nothing is still queued
            cost.seconds = min(cost.seconds, clock() - start)
            cost.memory_mb = max(cost.memory_mb, _peak_mb(device))
    return costs


def _forget_peak(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.reset_peak_memory_stats()
    else:
        Path("/proc/self/clear_refs").write_text("5")  # peak resident memory, proc(5)


def _peak_mb(device: torch.device) -> float:
    if device.type == "cuda":
        return torch.cuda.max_memory_allocated() / MIB
    status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    return int(status["VmHWM"].split()[0]) / 1024


def _check(ours: Tensor, baseline: Tensor, equal: float | None, close: float | None) -> float:
    """The relative error of our latents; an AssertionError where it is above what is asked."""
    error = float((ours - baseline).norm() / baseline.norm())
    if equal is not None:
        torch.testing.assert_close(ours, baseline, rtol=equal, atol=equal)
    assert close is None or error < close, f"relative latent error {error:.2g}, at most {close} asked"
    return error


def _row(name: str, ours: float, baseline: float, cost: Cost, baseline_cost: Cost) -> dict[str, Any]:
    memory = {"memory_mb": cost.memory_mb, "baseline_memory_mb": baseline_cost.memory_mb}
    return {"name": name, "unit": "plans/s", "ours": ours, "baseline": baseline, "ratio": ours / baseline} | memory


if __name__ == "__main__":
    for row in rows():
        print(row)
