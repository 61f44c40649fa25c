"""The samplers: where they land, that they repeat, that they stop, and that they are those of diffusers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise

import pytest
import torch
from adapt_core.errors import CancelledByUserError, ConfigError
from adapt_learning.diffusion.compose import Weights
from adapt_learning.diffusion.ddim import Stride, ddim, ddim_transitions
from adapt_learning.diffusion.denoiser import Prediction
from adapt_learning.diffusion.evaluate import Method
from adapt_learning.diffusion.lcm import boundary_scalings, lcm, lcm_timesteps
from adapt_learning.diffusion.sampling import Score
from adapt_learning.diffusion.schedule import (
    Schedule,
    cosine_schedule,
    flow_schedule,
    linear_schedule,
    make_schedule,
    target,
    to_epsilon,
)
from adapt_learning.diffusion.settings import SamplerKind, SamplerSettings, sample, sampler_timesteps
from adapt_learning.request_noise import RequestNoise
from diffusers import DDIMScheduler, LCMScheduler
from torch import Tensor

CLEAN = torch.randn(2, 3, 4, 5, 5, generator=torch.Generator().manual_seed(1))
NOISE = torch.randn(CLEAN.shape, generator=torch.Generator().manual_seed(2))
PAPERS = {"num_train_timesteps": 1000, "beta_start": 0.00085, "beta_end": 0.012, "beta_schedule": "linear"}
SCHEDULES = {
    SamplerKind.DDIM: cosine_schedule(1000),
    SamplerKind.LCM: linear_schedule(1000),
    SamplerKind.FLOW_EULER: flow_schedule(1000, 3.0),
}


def settings(kind: SamplerKind, steps: int) -> SamplerSettings:
    return SamplerSettings(Method.VANILLA, steps, 2.5, 0.5, Weights.LITERAL, kind)


def oracle(schedule: Schedule, clean: Tensor) -> Score:
    """A model that knows what is under the noise, and says so as a flow."""

    def score(noisy: Tensor, timestep: Tensor) -> Tensor:
        epsilon = (noisy - schedule.alpha(timestep, noisy) * clean) / schedule.sigma(timestep, noisy)
        return target(schedule, Prediction.FLOW, clean, epsilon, timestep)

    return score


def some_model(noisy: Tensor, timestep: Tensor) -> Tensor:
    """No oracle: a smooth function of all it is given."""
    return torch.tanh(noisy) * (0.5 + timestep[:, None, None, None, None] / 1000)


def new_noise() -> Callable[[], Tensor]:
    return RequestNoise([3, 4], CLEAN.shape[1:])


@pytest.mark.parametrize("steps", [1, 5, 24])
@pytest.mark.parametrize("kind", list(SamplerKind))
def test_a_model_that_knows_the_answer_is_followed_to_it(kind: SamplerKind, steps: int) -> None:
    schedule = SCHEDULES[kind]
    found = sample(settings(kind, steps), oracle(schedule, CLEAN), Prediction.FLOW, schedule, new_noise())
    assert (found - CLEAN).abs().max() < 0.05


@pytest.mark.parametrize("kind", list(SamplerKind))
def test_sampling_repeats_exactly_and_reports_each_step(kind: SamplerKind) -> None:
    seen: list[tuple[int, int]] = []
    visited: list[int] = []

    def score(noisy: Tensor, timestep: Tensor) -> Tensor:
        visited.append(int(timestep[0]))
        return some_model(noisy, timestep)

    how = (settings(kind, 4), score, Prediction.V, SCHEDULES[kind])
    first = sample(*how, new_noise(), lambda done, of: seen.append((done, of)))
    assert visited == sampler_timesteps(how[0], SCHEDULES[kind])
    assert seen == [(1, 4), (2, 4), (3, 4), (4, 4)]
    assert torch.equal(first, sample(*how, new_noise()))


@pytest.mark.parametrize("kind", list(SamplerKind))
def test_cancelling_takes_effect_within_a_step(kind: SamplerKind) -> None:
    calls: list[int] = []

    def score(noisy: Tensor, timestep: Tensor) -> Tensor:
        calls.append(int(timestep[0]))
        return noisy

    how = (settings(kind, 10), score, Prediction.V, SCHEDULES[kind], new_noise())
    with pytest.raises(CancelledByUserError, match="after 2 of 10"):
        sample(*how, should_stop=lambda: len(calls) == 2)
    assert len(calls) == 2


def diffusers_ddim(score: Score, noise: Tensor) -> Tensor:
    scheduler = DDIMScheduler(
        **PAPERS, clip_sample=False, timestep_spacing="linspace", steps_offset=1, set_alpha_to_one=False
    )
    scheduler.set_timesteps(25)
    found = noise
    for timestep in scheduler.timesteps:
        found = scheduler.step(score(found, timestep.expand(len(found))), int(timestep), found, eta=0.0).prev_sample
    return found


@pytest.mark.parametrize("identity_step", [False, True])
def test_ddim_is_that_of_diffusers_with_the_papers_settings(identity_step: bool) -> None:
    schedule = linear_schedule(1000)
    transitions = ddim_transitions(schedule, 24, Stride.EVEN, identity_step)
    found = ddim(some_model, Prediction.EPSILON, schedule, NOISE, transitions)
    torch.testing.assert_close(found, diffusers_ddim(some_model, NOISE), rtol=1e-4, atol=1e-4)


def test_the_papers_25_timesteps_end_in_one_that_changes_nothing() -> None:
    schedule = linear_schedule(1000)
    with_identity = ddim_transitions(schedule, 24, identity_step=True)
    assert len(with_identity) == 25
    assert with_identity[0][0] == 999
    assert with_identity[-2:] == [(42, 0), (0, 0)]
    assert all(then == following for (_, then), (following, _) in pairwise(with_identity))
    torch.testing.assert_close(ddim(some_model, Prediction.EPSILON, schedule, NOISE, [(0, 0)]), NOISE)


@pytest.mark.parametrize("steps", [1, 4, 6, 8, 50])
def test_lcm_timesteps_are_those_of_diffusers(steps: int) -> None:
    scheduler = LCMScheduler(**PAPERS)
    scheduler.set_timesteps(steps)
    assert lcm_timesteps(linear_schedule(1000), steps) == scheduler.timesteps.tolist()


def test_lcm_is_that_of_diffusers(monkeypatch: pytest.MonkeyPatch) -> None:
    scheduler = LCMScheduler(**PAPERS, clip_sample=False, set_alpha_to_one=False)
    scheduler.set_timesteps(4)
    found, drawn = NOISE, new_noise()
    monkeypatch.setattr("diffusers.schedulers.scheduling_lcm.randn_tensor", lambda *args, **kwargs: drawn())
    for timestep in scheduler.timesteps:
        found = scheduler.step(some_model(found, timestep.expand(len(found))), int(timestep), found).prev_sample
    ours: Iterator[Tensor] = iter(
        [NOISE, *(noise for source in [new_noise()] for noise in (source() for _ in range(3)))]
    )
    schedule = linear_schedule(1000)
    sampled = lcm(some_model, Prediction.EPSILON, schedule, lambda: next(ours), lcm_timesteps(schedule, 4))
    torch.testing.assert_close(sampled, found, rtol=1e-4, atol=1e-4)


def test_lcm_leaves_a_clean_sample_as_it_is() -> None:
    assert boundary_scalings(0) == (1.0, 0.0)


def test_lcm_knows_no_more_than_its_50_timesteps() -> None:
    with pytest.raises(ConfigError, match="at most 50 steps, not 51"):
        lcm_timesteps(linear_schedule(1000), 51)


def test_flow_euler_is_ddim_on_a_flow_schedule() -> None:
    schedule = flow_schedule(1000, 3.0)
    timesteps = [999, 749, 499, 249]
    assert sampler_timesteps(settings(SamplerKind.FLOW_EULER, 4), schedule) == timesteps
    euler = sample(settings(SamplerKind.FLOW_EULER, 4), some_model, Prediction.FLOW, schedule, lambda: NOISE)
    transitions = list(pairwise(timesteps))
    found = ddim(some_model, Prediction.FLOW, schedule, NOISE, transitions)
    last = torch.tensor([timesteps[-1]] * 2)
    clean = found - schedule.sigma(last, found) * some_model(found, last)
    torch.testing.assert_close(euler, clean)


def test_flow_euler_needs_a_flow_schedule() -> None:
    with pytest.raises(ConfigError, match=r"noise\.kind: flow"):
        sample(
            settings(SamplerKind.FLOW_EULER, 4), some_model, Prediction.FLOW, make_schedule("cosine", 1000), new_noise()
        )


@pytest.mark.parametrize("kind", list(SamplerKind))
def test_a_seed_alone_decides_its_noise(kind: SamplerKind) -> None:
    how = (settings(kind, 3), some_model, Prediction.V, SCHEDULES[kind])
    together = sample(*how, RequestNoise([3, 4], CLEAN.shape[1:]))
    alone = sample(*how, RequestNoise([4], CLEAN.shape[1:]))
    torch.testing.assert_close(together[1:], alone)


def test_predictions_of_any_kind_are_sampled_alike() -> None:
    schedule = SCHEDULES[SamplerKind.DDIM]

    def as_epsilon(noisy: Tensor, timestep: Tensor) -> Tensor:
        return to_epsilon(schedule, Prediction.V, some_model(noisy, timestep), noisy, timestep)

    how = settings(SamplerKind.DDIM, 5)
    in_v = sample(how, some_model, Prediction.V, schedule, lambda: NOISE)
    in_epsilon = sample(how, as_epsilon, Prediction.EPSILON, schedule, lambda: NOISE)
    torch.testing.assert_close(in_v, in_epsilon, rtol=1e-3, atol=1e-3)
