"""Makes the weights of a preset from recorded episodes: codec, prior, in-domain model, inverse dynamics."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

import torch
from adapt_core.errors import ConfigError
from adapt_core.ports import StopCheck, WorkProgress, never
from adapt_core.weights import WeightsRole
from torch import nn

from adapt_learning.codec import Codec, CompactCodecSettings
from adapt_learning.embedded_weights import weights_place
from adapt_learning.frame_pair_net import FramePairNet
from adapt_learning.in_domain import InDomainModel, build_in_domain
from adapt_learning.inverse_dynamics_net import InverseDynamicsNet
from adapt_learning.latent_codec import LatentCodec
from adapt_learning.layers import place
from adapt_learning.model_family import ModelFamily
from adapt_learning.motion_targets import orientation_of
from adapt_learning.pointer import Pointer
from adapt_learning.preset import Preset
from adapt_learning.priors.broad import BroadSettings, build_broad_prior
from adapt_learning.text import TextEncoder, shared_encoder
from adapt_learning.training.clips import make_clips
from adapt_learning.training.engine import Run
from adapt_learning.training.episodes import Episode, usable_episodes
from adapt_learning.training.frame_pairs import ImaginedClips, make_moves
from adapt_learning.training.imagined_clips import imagine_clips
from adapt_learning.training.latents import LatentCache
from adapt_learning.training.pointing import Stills, make_pointing, train_pointer
from adapt_learning.training.processes import Processes
from adapt_learning.training.settings import TrainSettings
from adapt_learning.training.stages import (
    build_codec,
    build_inverse_dynamics,
    measure_inverse_dynamics,
    train_codec,
    train_inverse_dynamics,
    train_video,
)
from adapt_learning.video_unet import VideoUNet
from adapt_learning.weights_file import load_weights, save_weights

M = TypeVar("M", bound=nn.Module)


@dataclass(frozen=True)
class TrainingData:
    """What each model sees.

    `demonstrations` carry in-domain prompts: codec, in-domain model, inverse dynamics. `play`, wandering without a
    goal: codec, inverse dynamics. `foreign`, other tasks under other cameras, colours and light, carries prior prompts:
    codec, prior. `stills`, pictures as foreign with things that prompts name: pointers, and the codec instead.
    """

    demonstrations: list[Episode]
    play: list[Episode]
    foreign: list[Episode]
    stills: Stills | None = None


@dataclass(frozen=True)
class Making:
    """Where weights are made: checkpoints under `runs`, the finished files in `output`, from `seed`."""

    preset: Preset
    runs: Path
    output: Path
    seed: int = 0
    device: torch.device | str = "cpu"
    progress: WorkProgress | None = None
    should_stop: StopCheck = never

    def run(self, name: str) -> Run:
        """How the training of what is called `name` runs."""

        def report(step: int, steps: int, loss: float) -> None:
            self.report(step, steps, f"{name}, loss {loss:.4f}")

        return Run(self.runs / name, self.seed, "", report, self.should_stop)

    def report(self, done: int, total: int, last: str) -> None:
        """Tell the onlooker, if there is one."""
        if self.progress is not None:
            self.progress(done, total, last)


@dataclass(frozen=True)
class Footage:
    """What a video model learns from: episodes, the space they are encoded in, and who reads their prompts.

    Its pointer, if it has one, learns from `stills`.
    """

    codec: LatentCodec
    episodes: list[Episode]
    encoder: TextEncoder
    stills: Stills | None = None


def make_embedded_weights(data: TrainingData, making: Making) -> None:
    """Train the models of the preset that are made here, one after the other, and write them in half precision.

    A codec or prior of other people is taken as it is. What `output` holds already is kept and not trained again; a
    training that was interrupted goes on. Raises TrainingError, WeightsError, CancelledByUserError.
    """
    family = ModelFamily(making.preset, device=making.device, folder=making.output)
    size = making.preset.image_size
    parts = (data.demonstrations, data.play, data.foreign)
    demonstrations, play, foreign = (usable_episodes(part, size) if part else [] for part in parts)
    trained = isinstance(making.preset.codec, CompactCodecSettings)
    images = demonstrations + play + (foreign if data.stills is None else data.stills.as_episodes())
    codec = make_codec(images, making) if trained else family.codec()
    seen = Footage(codec, demonstrations, family.text_encoder, data.stills)
    make_inverse_dynamics(seen, play, make_in_domain(seen, making), making)
    if isinstance(making.preset.prior, BroadSettings):
        make_prior(replace(seen, episodes=foreign or demonstrations, encoder=shared_encoder()), making)


def make_codec(episodes: list[Episode], making: Making) -> Codec:
    """Train the codec, or load it when it is made already."""
    codec = _fresh(lambda: build_codec(making.preset), making)
    return _make(WeightsRole.CODEC, codec, making, lambda run: train_codec(codec, episodes, making.preset, run))


def make_inverse_dynamics(seen: Footage, play: list[Episode], in_domain: InDomainModel, making: Making) -> nn.Module:
    """Train the inverse dynamics, or load it when it is made already.

    Where it predicts poses it learns from what `in_domain` imagines of the demonstrations in `seen`, too.
    """
    net = _fresh(lambda: build_inverse_dynamics(making.preset), making)
    preset, episodes = making.preset, seen.episodes + play

    def training(run: Run) -> InverseDynamicsNet:
        cache = LatentCache(seen.codec, making.runs / "latents")
        measure_inverse_dynamics(net, episodes, preset)
        clips = _imagined(in_domain, seen, net, cache, making)
        return train_inverse_dynamics(net, cache, episodes, preset, preset.training.inverse_dynamics, run, clips)

    return _make(WeightsRole.INVERSE_DYNAMICS, net, making, training)


def _imagined(
    in_domain: InDomainModel, seen: Footage, net: InverseDynamicsNet, cache: LatentCache, making: Making
) -> ImaginedClips | None:
    """What `in_domain` imagines of `seen`; None where `net` sees no images, or no poses at consecutive frames."""
    preset, settings = making.preset, making.preset.inverse_dynamics
    if not (isinstance(net, FramePairNet) and settings.oriented and settings.frame_skip == 1):
        return None
    moves = make_moves(seen.episodes, settings, orientation_of(net))
    clips = make_clips(cache, seen.episodes, preset.future_frames, seen.encoder)
    role = WeightsRole.INVERSE_DYNAMICS.value

    def report(done: int, total: int) -> None:
        making.report(done, total, f"{role}, imagining what it learns from")

    return imagine_clips(in_domain, clips, moves, preset, making.seed, report, making.should_stop)


def make_in_domain(footage: Footage, making: Making) -> InDomainModel:
    """Train the in-domain model as `make_prior` does the prior. Raises ConfigError for a pointer without stills."""
    model, settings = _fresh(lambda: build_in_domain(making.preset), making), making.preset.training.in_domain
    return _make_video(WeightsRole.IN_DOMAIN, model, settings, footage, making)


def make_prior(footage: Footage, making: Making) -> InDomainModel:
    """Train the prior and, before, what points it to things; or load it when it is made already.

    Raises ConfigError for a pointer without stills.
    """
    model, settings = _fresh(lambda: build_broad_prior(making.preset), making), making.preset.training.prior
    return _make_video(WeightsRole.PRIOR, model, settings, footage, making)


def _make_video(
    role: WeightsRole, model: InDomainModel, settings: TrainSettings | None, footage: Footage, making: Making
) -> InDomainModel:
    if settings is None:
        raise ConfigError(f"training: preset {making.preset.name} says nothing of how its {role.value} is trained")

    def training(run: Run) -> InDomainModel:
        if isinstance(model, VideoUNet) and model.pointer is not None:
            _teach_pointing(model.pointer, footage, making)
        cache = LatentCache(footage.codec, making.runs / "latents")
        clips = make_clips(cache, footage.episodes, making.preset.future_frames, footage.encoder)
        return train_video(model, clips, making.preset, settings, run)

    prompts = {episode.prompt for episode in footage.episodes} if role is WeightsRole.IN_DOMAIN else ()
    return _make(role, model, making, training, footage.codec.space, prompts)


def _teach_pointing(pointer: Pointer, footage: Footage, making: Making) -> None:
    """Train `pointer`, or take over what the other video model's has learned."""
    name, settings = making.preset.name, making.preset.training.pointer
    if footage.stills is None or settings is None:
        raise ConfigError(
            f"preset {name} has a pointer: give it pictures that say where things are, and training.pointer"
        )
    examples = make_pointing(footage.codec, footage.stills, footage.encoder)
    train_pointer(pointer, examples, settings, making.run("pointer"))


def _make(
    role: WeightsRole,
    model: M,
    making: Making,
    training: Callable[[Run], M],
    space: str | None = None,
    prompts: Collection[str] = (),
) -> M:
    """`model`, trained and written, or loaded when its file is there or shared; as it will be loaded by everybody else."""
    path, name, _ = weights_place(making.preset, role, making.output)
    if name == making.preset.name and not path.exists():
        training(making.run(role.value))
        processes = Processes()
        if processes.main:
            save_weights(model, path, name, role, half=True, space=space, prompts=prompts)
        processes.wait()
    return load_weights(model, path, name, role, space)


def _fresh(build: Callable[[], M], making: Making) -> M:
    """A model with weights drawn from the seed, whatever else drew before."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(making.seed)
        return place(build(), making.device)
