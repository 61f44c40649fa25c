"""Plans from a first frame and two prompts: the composed score sampled, the latents decoded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from adapt_core.errors import ImageError, WeightsError
from adapt_core.ports import StepProgress, StopCheck, never
from adapt_core.types import Frames, PlanRequest, VideoPlan
from torch import Tensor

from adapt_learning.codec import to_frames, to_images
from adapt_learning.diffusion.evaluate import Condition, Method, Models, Prompts
from adapt_learning.diffusion.imagine import imagine
from adapt_learning.diffusion.schedule import make_schedule
from adapt_learning.diffusion.settings import SamplerSettings
from adapt_learning.in_domain_versions import InDomainVersions
from adapt_learning.latent_codec import LatentCodec
from adapt_learning.preset import Preset
from adapt_learning.request_noise import RequestNoise
from adapt_learning.text import TextEncoder
from adapt_learning.video_prior import VideoPrior

_SMOKE_PROMPT = "smoke test"


@dataclass(frozen=True)
class _Serving:
    """What plans are sampled with; replaced as a whole, so that a plan never mixes two versions."""

    version: str
    models: Models
    demonstrated: frozenset[str]


class ComposedVideoPlanner:
    """A broad prior and an in-domain model composed; implements `VideoPlanner`.

    A request's noise depends on its seed alone, so that plans do not change with the company they are sampled in (up to
    rounding). One thread plans at a time; `load_weights` may be called from another.
    """

    def __init__(
        self,
        preset: Preset,
        codec: LatentCodec,
        prior: VideoPrior | None,
        versions: InDomainVersions,
        version: str,
        encoder: TextEncoder,
        sampler: SamplerSettings | None = None,
    ) -> None:
        """Serve in-domain `version`, whose prompts `encoder` embeds; `sampler` replaces the preset's.

        `prior` may be None for in-domain only. Raises WeightsError, also for a prior of another latent space than the
        codec's, which is the in-domain model's.
        """
        self.sampler = sampler or preset.sampler
        self._preset, self._codec, self._encoder, self._versions = preset, codec, encoder, versions
        self._prior = _fitting(prior, codec, preset) if self.sampler.method is not Method.IN_DOMAIN else None
        self._schedule = make_schedule(preset.noise.kind, preset.noise.timesteps, preset.noise.shift)
        self._device = codec.device
        self._serving = self._loaded(version)

    @property
    def weights_version(self) -> str:
        """Version of the in-domain weights that serve now."""
        return self._serving.version

    def load_weights(self, version: str) -> None:
        """Load `version`, imagine one step of latents with it, and only then serve it. Raises WeightsError."""
        serving = self._loaded(version)
        c, size = self._codec.latent_channels, self._preset.latent_size
        prompts = self._embedded(self._encoder, [_SMOKE_PROMPT])
        condition = Condition(None, prompts, torch.zeros(1, c, size, size, device=self._device))
        sampler = replace(self.sampler, method=Method.IN_DOMAIN, steps=1)
        imagine(serving.models, condition, sampler, self._schedule, self._noise([0], 0))
        self._serving = serving

    @torch.no_grad()
    def plan(
        self, requests: Sequence[PlanRequest], progress: StepProgress | None = None, should_stop: StopCheck = never
    ) -> list[VideoPlan]:
        """See `VideoPlanner`; raises ConfigError for an empty or too long prompt, WeightsError for NaN, as well."""
        if not requests:
            return []
        serving = self._serving
        images = np.stack([self._checked(request.image) for request in requests])
        first = self._codec.encode(to_images(images).to(self._device))  # (b, c, h, w)
        condition = self._condition(requests, first, serving.demonstrated)
        noise = self._noise([request.seed for request in requests], serving.models.context(self.sampler.method))
        targets = imagine(serving.models, condition, self.sampler, self._schedule, noise, progress, should_stop)
        clips = [self._decode(latents) for latents in self._codec.from_targets(targets, first)]  # each (f, c, h, w)
        return [_answer(request, clip, serving.version) for request, clip in zip(requests, clips, strict=True)]

    def _loaded(self, version: str) -> _Serving:
        in_domain, shown = self._versions.load(version, self._device), self._versions.demonstrated(version)
        if self._prior is None:
            return _Serving(version, Models(None, in_domain), shown)
        return _Serving(version, Models(self._prior.denoiser, in_domain, self._prior.context_frames), shown)

    def _condition(self, requests: Sequence[PlanRequest], first: Tensor, demonstrated: frozenset[str]) -> Condition:
        prompts = [request.in_domain_prompt for request in requests]
        in_domain = self._embedded(self._encoder, prompts)
        if self._prior is None:
            return Condition(None, in_domain, first)
        prior = self._embedded(self._prior.encoder, [request.prior_prompt for request in requests])
        shown = torch.tensor([prompt in demonstrated for prompt in prompts], device=self._device)
        return Condition(prior, in_domain, first, shown)

    def _embedded(self, encoder: TextEncoder, prompts: list[str]) -> Prompts:
        text, empty = encoder.encode(prompts), encoder.empty(len(prompts))
        return Prompts(text.to(self._device), empty.to(self._device))

    def _noise(self, seeds: Sequence[int], context_frames: int) -> RequestNoise:
        frames, size = context_frames + self._preset.future_frames, self._preset.latent_size
        return RequestNoise(seeds, (frames, self._codec.latent_channels, size, size), self._device)

    def _decode(self, latents: Tensor) -> Frames:
        """One plan at a time, so that memory does not grow with the plans sampled together."""
        with self.sampler.precision.autocast(self._device):
            return to_frames(self._codec.decode(latents))  # (f, c, h, w) -> (f, h, w, 3)

    def _checked(self, image: Frames) -> Frames:
        size = self._preset.image_size
        if image.shape != (size, size, 3) or image.dtype != np.uint8:
            given, name = f"{image.dtype} of shape {image.shape}", self._preset.name
            raise ImageError(f"preset {name} plans from uint8 images of shape {(size, size, 3)}, not {given}")
        return image


def _fitting(prior: VideoPrior | None, codec: LatentCodec, preset: Preset) -> VideoPrior:
    """The prior of a composition. Raises WeightsError."""
    if prior is None:
        raise WeightsError(f"preset {preset.name} composes with a video prior: load one, or set method: in_domain")
    if prior.space != codec.space:
        raise WeightsError(
            f'preset {preset.name}: the prior works in the latent space "{prior.space}", codec and in-domain model in '
            f'"{codec.space}": choose a prior of that space, or train an in-domain model in the prior\'s'
        )
    return prior


def _answer(request: PlanRequest, frames: Frames, version: str) -> VideoPlan:
    return VideoPlan(frames, request.in_domain_prompt, request.prior_prompt, request.seed, version, request.stamp_s)
