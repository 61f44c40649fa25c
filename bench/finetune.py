"""Finetuning steps a second, and peak memory: our trainer against a plain one.

The plain trainer is what a tutorial would write: each step encodes the frames of its clips, in fp32, weights as PyTorch
lays them out. Ours encodes an episode once, before the first step of the first finetuning that sees it, which is not timed
here: 3 ms a frame of 128 pixels on a core, once in a run. Same model, clips, batch, loss and optimiser.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import torch
from adapt_learning.codec import to_images
from adapt_learning.diffusion.denoiser import TextEmbedding
from adapt_learning.diffusion.schedule import make_schedule
from adapt_learning.in_domain import InDomainModel, build_in_domain
from adapt_learning.latent_codec import LatentCodec
from adapt_learning.preset import Preset, load_preset
from adapt_learning.training.clips import LatentEpisode, VideoBatch, clip_indices, gather_clips
from adapt_learning.training.draws import Draws
from adapt_learning.training.engine import Run
from adapt_learning.training.latents import encode_frames
from adapt_learning.training.settings import TrainSettings
from adapt_learning.training.stages import build_codec, train_video
from adapt_learning.training.video_loss import video_loss
from torch import Tensor, nn

EPISODES, FRAMES = 4, 25
ROUNDS, WARMUP, STEPS = 3, 2, 6  # the two take turns, so that other load on the machine meets both
Row = dict[str, Any]


@dataclass(frozen=True)
class Job:
    """What both trainers do: finetune the in-domain model of `preset` on `frames`, encoded by `codec`."""

    preset: Preset
    codec: LatentCodec
    frames: list[np.ndarray]
    batch_size: int
    device: torch.device

    @property
    def settings(self) -> TrainSettings:
        """Steps that are timed, after those that warm up."""
        return replace(self.preset.training.finetune, steps=WARMUP + STEPS, batch_size=self.batch_size)

    @property
    def words(self) -> Words:
        """Prompts as the model's text encoder would embed them."""
        return Words(int(getattr(self.preset.in_domain, "text_dim", 384)))


@dataclass(frozen=True)
class Words:
    """Prompts as they leave an encoder of this width, which both trainers ask once; what they say takes no time."""

    width: int

    def encode(self, prompts: Sequence[str]) -> TextEmbedding:
        """Ones."""
        return self.empty(len(prompts))

    def empty(self, rows: int) -> TextEmbedding:
        """Ones, 24 tokens of them."""
        mask = torch.ones(rows, 24, dtype=torch.bool)
        return TextEmbedding(torch.ones(rows, 24, self.width), mask, torch.ones(rows, self.width))


def rows() -> list[Row]:
    """Steps a second and peak memory on one core of the CPU; on a GPU the papers' model as well."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)  # where others compute, too, threads of a small model wait for each other
    job = tiny()
    found = compared("finetune_tiny", job)
    found.append(_row("finetune_tiny_memory", "MB at most", *map(_resident_mb, TRAINERS)))
    torch.set_num_threads(threads)
    return found + (full_rows() if torch.cuda.is_available() else [])


def full_rows() -> list[Row]:
    """The papers' in-domain model in Stable Diffusion's latent space, random weights."""
    job = full()
    peaks = []
    for run in TRAINERS.values():
        torch.cuda.empty_cache()
        torch.cuda.reset_peak_memory_stats()
        list(run(job))
        peaks.append(torch.cuda.max_memory_allocated() / 1e6)
    return [*compared("finetune_full", job), _row("finetune_full_memory", "MB at most", *peaks)]


def tiny() -> Job:
    """The embedded models of `tiny` on the CPU, batch 16."""
    preset = load_preset("tiny")
    return Job(preset, build_codec(preset).eval(), _episodes(preset.image_size), 16, torch.device("cpu"))


def full() -> Job:
    """The preset `metaworld` on the GPU, the papers' batch of 4."""
    from adapt_learning.priors.random_pipeline import FULL_SIZE, RandomPipeline

    preset, device = load_preset("metaworld"), torch.device("cuda")
    return Job(preset, RandomPipeline(FULL_SIZE, device).codec(), _episodes(preset.image_size), 4, device)


def compared(name: str, job: Job) -> list[Row]:
    """One row: median steps a second of ours and of the plain trainer."""
    seconds: dict[str, list[float]] = {which: [] for which in TRAINERS}
    for _ in range(ROUNDS):
        for which, run in TRAINERS.items():
            seconds[which] += run(job)
    return [_row(name, "steps/s", *(1 / statistics.median(times) for times in seconds.values()))]


def ours(job: Job) -> Iterator[float]:
    """Seconds of each step of our trainer, all that it does around it included."""
    ends: list[float] = []
    with tempfile.TemporaryDirectory() as folder:
        run = Run(Path(folder), 0, progress=lambda step, steps, loss: ends.append(time.perf_counter()))
        latents = [LatentEpisode(encode_frames(job.codec, frames), "door close", "") for frames in job.frames]
        clips = gather_clips(job.codec, latents, job.preset.future_frames, job.words)
        train_video(_model(job), clips, job.preset, job.settings, run)
    return (after - before for before, after in list(pairwise(ends))[WARMUP - 1 :])


def plain(job: Job) -> Iterator[float]:
    """Seconds of each step of the plain trainer."""
    model, settings = _model(job).train(), job.settings
    average = {name: value.detach().clone() for name, value in model.state_dict().items()}
    optimizer = torch.optim.AdamW(model.parameters(), settings.learning_rate, weight_decay=settings.weight_decay)
    step = _plain_step(job, model, optimizer, average)
    times = []
    for _ in range(WARMUP + STEPS):
        began = time.perf_counter()
        step()
        times.append(time.perf_counter() - began)
    return iter(times[WARMUP:])


TRAINERS = {"ours": ours, "plain": plain}


def _plain_step(
    job: Job, model: InDomainModel, optimizer: torch.optim.Optimizer, average: dict[str, Tensor]
) -> Callable[[], None]:
    preset = job.preset
    schedule = make_schedule(preset.noise.kind, preset.noise.timesteps, preset.noise.shift)
    windows = [(frames, index) for frames in job.frames for index in clip_indices(len(frames), preset.future_frames)]
    text, count = job.words.empty(job.batch_size).to(job.device), iter(range(10**9))

    def step() -> None:
        draws = Draws(0, next(count), range(job.batch_size), job.device)
        chosen = [windows[int(number)] for number in draws.integers(len(windows))]
        images = torch.stack([to_images(frames[index.numpy()]) for frames, index in chosen]).to(job.device)
        with torch.no_grad():
            latents = job.codec.encode(images.flatten(0, 1)).unflatten(0, images.shape[:2])  # (b, 1 + f, c, h, w)
        targets = job.codec.to_targets(latents[:, 1:], latents[:, 0])
        batch = VideoBatch(latents[:, 0], targets, text, text, torch.zeros(job.batch_size, dtype=torch.int64))
        optimizer.zero_grad()
        video_loss(model, batch, schedule, job.settings, draws).backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        with torch.no_grad():
            for name, value in model.state_dict().items():
                average[name].mul_(job.settings.ema).add_(value, alpha=1 - job.settings.ema)
        if job.device.type == "cuda":
            torch.cuda.synchronize()

    return step


def _model(job: Job) -> InDomainModel:
    torch.manual_seed(0)
    return build_in_domain(job.preset).to(job.device)


def _episodes(size: int) -> list[np.ndarray]:
    rng = np.random.default_rng(0)
    return [rng.integers(0, 255, (FRAMES, size, size, 3), np.uint8) for _ in range(EPISODES)]


def _row(name: str, unit: str, ours: float, baseline: float) -> Row:
    return {"name": name, "unit": unit, "ours": ours, "baseline": baseline, "ratio": ours / baseline}


def _resident_mb(which: str) -> float:
    """Peak memory of a process that does nothing but train, less what it had with the models loaded."""
    told = subprocess.run([sys.executable, __file__, which], capture_output=True, text=True, check=True)
    return float(told.stdout)


def _status_mb(key: str) -> float:
    """A size of this process as Linux counts it; getrusage would count the process that started this one, too."""
    line = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith(key))
    return float(line.split()[1]) / 1e3


if __name__ == "__main__":
    if len(sys.argv) > 1:
        torch.set_num_threads(1)
        the_job, before_mb = tiny(), _status_mb("VmRSS")
        list(TRAINERS[sys.argv[1]](the_job))
        print(_status_mb("VmHWM") - before_mb)
    else:
        for row in rows():
            print(row)
