"""What the tests of the interchange share."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from adapt_core.episode_store import EpisodeHeader, EpisodeMeta, EpisodeStore
from adapt_core.types import ActionSpace, ControlLoop, Frames, LabelValue, Observation, Outcome, VideoPlan

SHAPE = (48, 64)


def smooth(seed: int, shape: tuple[int, int] = SHAPE) -> np.ndarray:
    """An image (h, w, 3) uint8 such as cameras see: no noise from pixel to pixel."""
    phase = np.random.default_rng(seed).uniform(0, 6, 3)
    y, x = np.mgrid[: shape[0], : shape[1]] / 20
    return np.stack([127 + 120 * np.sin(x + y * k + phase[k]) for k in range(3)], axis=-1).astype(np.uint8)


def record(store: EpisodeStore, frames: int = 9, seed: int = 0, poses: bool = True, **changes: Any) -> EpisodeMeta:
    """An episode with a plan every four steps; its numbers follow from `seed`."""
    random = np.random.default_rng(seed)
    fields: dict[str, Any] = {
        "run_id": "mine",
        "iteration": 1,
        "index": seed,
        "robot": "metaworld",
        "suite": "metaworld",
        "task_id": "drawer-close",
        "in_domain_prompt": "drawer close",
        "prior_prompt": "a robot arm closing a drawer",
        "novel": True,
        "seed": seed,
        "method": "ipa",
        "weights_version": "base",
        "inverse_dynamics_version": "idm",
        "code_version": "test",
        "control_loop": ControlLoop.SEMI_OPEN,
        "action_space": ActionSpace.END_EFFECTOR,
        "frame_skip": 4,
        "image_shape": SHAPE,
    }
    outcome = changes.pop("outcome", Outcome.COMPLETED)
    with store.begin(EpisodeHeader(**(fields | changes))) as writer:
        plan = None
        for i in range(frames):
            pose = random.normal(size=8) if poses else None
            image = smooth(100 * seed + i, (fields | changes)["image_shape"])
            seen = Observation(image, pose, 3.0 + 0.1 * i, 4 * i, success=i == frames - 1)
            writer.add_observation(seen, random.normal(size=8) if i else None, plan)
            if i % 4 == 0:
                images = np.stack([smooth(1000 * seed + 10 * i + k) for k in range(3)])
                plan = writer.add_plan(VideoPlan(images, "drawer close", "closing a drawer", seed, "base", 3 + 0.1 * i))
        return writer.finish(outcome, "" if outcome is Outcome.COMPLETED else "lost", outcome is Outcome.COMPLETED)


@pytest.fixture
def store(tmp_path: Path) -> EpisodeStore:
    """Three episodes of two tasks: a success and a failure judged by people, an aborted one by nobody."""
    store = EpisodeStore(tmp_path / "episodes")
    good = record(store, seed=1)
    bad = record(store, frames=6, seed=2, in_domain_prompt="door open", task_id="door-open")
    record(store, frames=3, seed=3, outcome=Outcome.ABORTED)
    store.label(good.episode_id, LabelValue.SUCCESS, "ada")
    store.label(bad.episode_id, LabelValue.FAILURE, "grace")
    return store


def psnr(frames: Frames, other: Frames) -> float:
    """Peak signal-to-noise ratio [dB] of the worst pair of frames."""
    error = ((frames.astype(float) - other) ** 2).mean(axis=(1, 2, 3)).max()
    return float(10 * np.log10(255**2 / max(error, 1e-9)))


class Make:
    """The helpers above, handed to tests by a fixture."""

    record = staticmethod(record)
    psnr = staticmethod(psnr)


@pytest.fixture
def make() -> type[Make]:
    return Make
