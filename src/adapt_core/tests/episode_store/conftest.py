"""What the tests of the episode store share."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from adapt_core.episode_store import EpisodeHeader, EpisodeMeta, EpisodeStore
from adapt_core.types import ActionSpace, ControlLoop, Observation, Outcome, VideoPlan

SHAPE = (12, 16)


def make_header(**changes: Any) -> EpisodeHeader:
    fields: dict[str, Any] = {
        "run_id": "run",
        "iteration": 0,
        "index": 0,
        "robot": "metaworld",
        "suite": "metaworld",
        "task_id": "door-close",
        "in_domain_prompt": "door close",
        "prior_prompt": "a robot arm closing a door",
        "novel": False,
        "seed": 3,
        "method": "ipa",
        "weights_version": "v1",
        "inverse_dynamics_version": "i1",
        "code_version": "abc",
        "control_loop": ControlLoop.SEMI_OPEN,
        "action_space": ActionSpace.END_EFFECTOR,
        "frame_skip": 4,
        "image_shape": SHAPE,
    }
    return EpisodeHeader(**(fields | changes))


def make_observation(index: int, **changes: Any) -> Observation:
    image = np.random.default_rng(index).integers(0, 256, (*SHAPE, 3), np.uint8)
    fields: dict[str, Any] = {
        "image": image,
        "end_effector": np.linspace(0, 1, 8) / 3 + index,
        "stamp_s": index * 0.05,
        "step": 4 * index,
        "success": False,
    }
    return Observation(**(fields | changes))


def make_plan(seed: int = 0, frames: int = 3) -> VideoPlan:
    images = np.random.default_rng(seed + 1000).integers(0, 256, (frames, 8, 8, 3), np.uint8)
    return VideoPlan(images, "door close", "a robot arm closing a door", seed, "v1", 0.25)


def record(store: EpisodeStore, frames: int = 4, outcome: Outcome = Outcome.COMPLETED, **changes: Any) -> EpisodeMeta:
    with store.begin(make_header(**changes)) as writer:
        for index in range(frames):
            action = None if index == 0 else np.full(8, 0.1 * index)
            writer.add_observation(make_observation(index), action, None)
        return writer.finish(outcome, success=outcome is Outcome.COMPLETED)


class Make:
    """The helpers above, handed to tests by a fixture."""

    shape = SHAPE
    header: Callable[..., EpisodeHeader] = staticmethod(make_header)
    observation: Callable[..., Observation] = staticmethod(make_observation)
    plan: Callable[..., VideoPlan] = staticmethod(make_plan)
    record: Callable[..., EpisodeMeta] = staticmethod(record)


@pytest.fixture
def make() -> Make:
    return Make()


@pytest.fixture
def store(tmp_path: Path) -> EpisodeStore:
    return EpisodeStore(tmp_path / "store")


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 256 KiB."""
    disk = tmp_path / "disk"
    disk.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", str(disk)]
    if subprocess.run(command, capture_output=True, check=False).returncode != 0:
        pytest.skip("mounting a small file system needs root")
    yield disk
    subprocess.run(["umount", "--lazy", str(disk)], check=True)
