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

from adapt_learning.codec import Codec, to_frames, to_images
from adapt_learning.diffusion.compose import Guidance
from adapt_learning.diffusion.denoiser import Denoiser
from adapt_learning.diffusion.evaluate import Condition, Method, Models, Prompts, composed_prediction, composed_score
from adapt_learning.diffusion.sampling import ddim
from adapt_learning.diffusion.schedule import make_schedule
from adapt_learning.diffusion.settings import SamplerSettings
from adapt_learning.in_domain_versions import InDomainVersions
from adapt_learning.preset import Preset
from adapt_learning.text import TextEncoder


@dataclass(frozen=True)
class _Serving:
    """What plans are sampled with; replaced as a whole, so that a plan never mixes two versions."""

    version: str
    models: Models


class ComposedVideoPlanner:
    """A broad prior and an in-domain model composed; implements `VideoPlanner`.

    A request's noise depends on its seed alone, so that plans do not change with the company they are sampled in (up to
    rounding). One thread plans at a time; `load_weights` may be called from another.
    """

    def __init__(
        self,
        preset: Preset,
        codec: Codec,
        prior: Denoiser,
        versions: InDomainVersions,
        version: str,
        encoder: TextEncoder,
        sampler: SamplerSettings | None = None,
    ) -> None:
        """Serve in-domain `version`; `sampler` replaces the preset's. Raises WeightsError."""
        self._preset, self._codec, self._encoder, self._versions = preset, codec.eval(), encoder, versions
        self.sampler = sampler or preset.sampler
        self._schedule = make_schedule(preset.noise.kind, preset.noise.timesteps)
        self._device = codec.device
        self._serving = _Serving(version, Models(prior, versions.load(version, self._device)))

    @property
    def weights_version(self) -> str:
        """Version of the in-domain weights that serve now."""
        return self._serving.version

    def load_weights(self, version: str) -> None:
        """Load `version`, imagine one frame's latents with it, and only then serve it. Raises WeightsError."""
        in_domain = self._versions.load(version, self._device)
        models = replace(self._serving.models, in_domain=in_domain)
        c, size = self._codec.latent_channels, self._preset.latent_size
        condition = self._condition(torch.zeros(1, c, size, size, device=self._device), ["smoke test"], ["smoke test"])
        sampler = replace(self.sampler, method=Method.IN_DOMAIN, steps=1)
        if not torch.isfinite(self._sample(models, condition, self._noise([0]), sampler, None, never)).all():
            raise WeightsError(f"weights {version} imagine numbers that are not finite: train or choose others")
        self._serving = _Serving(version, models)

    @torch.no_grad()
    def plan(
        self, requests: Sequence[PlanRequest], progress: StepProgress | None = None, should_stop: StopCheck = never
    ) -> list[VideoPlan]:
        """See `VideoPlanner`; raises ConfigError for an empty or too long prompt as well."""
        if not requests:
            return []
        serving = self._serving
        images = np.stack([self._checked(request.image) for request in requests])
        first = self._codec.encode(to_images(images).to(self._device))  # (b, c, h, w)
        condition = self._condition(first, [r.prior_prompt for r in requests], [r.in_domain_prompt for r in requests])
        noise = self._noise([request.seed for request in requests])
        residual = self._sample(serving.models, condition, noise, self.sampler, progress, should_stop)
        latents = self._codec.from_targets(residual, first)  # (b, f, c, h, w)
        frames = to_frames(self._codec.decode(latents.flatten(0, 1)))  # (b f, h, w, 3)
        clips = frames.reshape(len(requests), -1, *frames.shape[1:])
        return [_answer(request, clip, serving.version) for request, clip in zip(requests, clips, strict=True)]

    def _sample(
        self,
        models: Models,
        condition: Condition,
        noise: Tensor,
        sampler: SamplerSettings,
        progress: StepProgress | None,
        should_stop: StopCheck,
    ) -> Tensor:
        guidance = Guidance(sampler.guidance_scale, sampler.prior_strength, sampler.normalised)
        score = composed_score(sampler.method, models, condition, guidance, self._schedule)
        prediction = composed_prediction(sampler.method, models, guidance)
        return ddim(score, prediction, self._schedule, noise, sampler.steps, progress, should_stop)

    def _condition(self, first: Tensor, prior_prompts: list[str], in_domain_prompts: list[str]) -> Condition:
        return Condition(self._embedded(prior_prompts), self._embedded(in_domain_prompts), first)

    def _embedded(self, prompts: list[str]) -> Prompts:
        text, empty = self._encoder.encode(prompts), self._encoder.empty(len(prompts))
        return Prompts(text.to(self._device), empty.to(self._device))

    def _noise(self, seeds: Sequence[int]) -> Tensor:
        size = self._preset.latent_size
        shape = (self._preset.future_frames, self._codec.latent_channels, size, size)
        noise = [torch.randn(shape, generator=torch.Generator().manual_seed(seed)) for seed in seeds]
        return torch.stack(noise).to(self._device)  # (b, f, c, h, w)

    def _checked(self, image: Frames) -> Frames:
        size = self._preset.image_size
        if image.shape != (size, size, 3) or image.dtype != np.uint8:
            given, name = f"{image.dtype} of shape {image.shape}", self._preset.name
            raise ImageError(f"preset {name} plans from uint8 images of shape {(size, size, 3)}, not {given}")
        return image


def _answer(request: PlanRequest, frames: Frames, version: str) -> VideoPlan:
    return VideoPlan(frames, request.in_domain_prompt, request.prior_prompt, request.seed, version, request.stamp_s)
