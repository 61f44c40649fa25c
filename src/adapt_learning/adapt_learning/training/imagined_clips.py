"""Clips as a video model imagines them, with what truly followed: inverse dynamics learns to read its plans."""

from __future__ import annotations

from dataclasses import replace

import torch
from adapt_core.errors import CancelledByUserError
from adapt_core.ports import StepProgress, StopCheck, never
from torch import Tensor

from adapt_learning.codec import to_frames
from adapt_learning.diffusion.denoiser import Denoiser
from adapt_learning.diffusion.evaluate import Condition, Method, Models, Prompts
from adapt_learning.diffusion.imagine import imagine
from adapt_learning.diffusion.schedule import make_schedule
from adapt_learning.preset import Preset
from adapt_learning.request_noise import RequestNoise
from adapt_learning.training.clips import ClipSet
from adapt_learning.training.frame_pairs import ImaginedClips, Moves

CLIPS = 2_560  # at most: 1.1 GB at 128 pixels
_AT_ONCE = 16


@torch.no_grad()
def imagine_clips(
    model: Denoiser,
    clips: ClipSet,
    moves: Moves,
    preset: Preset,
    seed: int,
    progress: StepProgress | None = None,
    should_stop: StopCheck = never,
    most: int = CLIPS,
) -> ImaginedClips:
    """What `model` alone imagines, with the preset's sampler, from the first frames of `most` of `clips`.

    `moves` are those of the same episodes, between consecutive frames, with poses as targets. Raises WeightsError for a model
    that imagines numbers that are not finite, CancelledByUserError.
    """
    codec = clips.codec
    sampler = replace(preset.sampler, method=Method.IN_DOMAIN)
    schedule = make_schedule(preset.noise.kind, preset.noise.timesteps, preset.noise.shift)
    chosen = torch.randperm(len(clips.frames), generator=torch.Generator().manual_seed(seed))[:most]
    frames: list[Tensor] = []
    for part in chosen.split(_AT_ONCE):
        if should_stop():
            raise CancelledByUserError(f"cancelled after {len(frames)} of {len(chosen)} imagined clips")
        batch = clips.take(part)
        condition = Condition(None, Prompts(batch.text, batch.empty), batch.first)
        noise = RequestNoise(part.tolist(), batch.targets.shape[1:], codec.device)
        targets = imagine(Models(None, model), condition, sampler, schedule, noise)
        for first, latents in zip(batch.first, codec.from_targets(targets, batch.first), strict=True):
            frames.append(torch.from_numpy(to_frames(codec.decode(torch.cat([first[None], latents])))))
        if progress is not None:
            progress(len(frames), len(chosen))
    move_to = torch.zeros(len(clips.latents), dtype=torch.int64)  # by frame
    move_to[moves.after] = torch.arange(len(moves.after))
    return ImaginedClips(torch.stack(frames), moves.targets[move_to[clips.frames[chosen, 1:]]])
