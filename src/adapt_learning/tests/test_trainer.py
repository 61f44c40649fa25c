"""Finetuning through the port, and the making of embedded weights."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from adapt_core.episode_store import EpisodeHeader, EpisodeStore
from adapt_core.errors import CancelledByUserError, StorageFullError, StoreError, TrainingError, WeightsError
from adapt_core.types import (
    ActionSpace,
    ControlLoop,
    FinetuneRequest,
    Observation,
    TrainingEpisode,
    VideoPlan,
    WorldSpec,
)
from adapt_core.weights import WeightsRole, WeightsStore
from adapt_learning.embedded_training import Making, TrainingData, make_embedded_weights
from adapt_learning.gate import HeldOut, measure_gate
from adapt_learning.inverse_dynamics_settings import PoseTarget
from adapt_learning.model_family import ModelFamily
from adapt_learning.preset import Preset, SharedWeights
from adapt_learning.training.episodes import Episode, read_episodes
from adapt_learning.training.frame_pairs import ImaginedClips
from adapt_learning.training.stages import train_inverse_dynamics
from adapt_learning.weights_file import demonstrated_prompts, weights_name
from safetensors.torch import load_file

HEADER = EpisodeHeader(
    run_id="demos",
    iteration=0,
    index=0,
    robot="square",
    suite="squares",
    task_id="push",
    in_domain_prompt="push the square",
    prior_prompt="a robot arm pushing a square",
    novel=False,
    seed=0,
    method="demonstration",
    weights_version="",
    inverse_dynamics_version="",
    code_version="",
    control_loop=ControlLoop.OPEN,
    action_space=ActionSpace.END_EFFECTOR,
    frame_skip=1,
    image_shape=(128, 128),
)


@pytest.fixture
def asked(tmp_path: Path, episodes: list[Episode]) -> FinetuneRequest:
    """A request to finetune on three stored episodes, one of them failed."""
    episode_store = EpisodeStore(tmp_path / "episodes")
    metas = [episode_store.add(HEADER, e.frames, e.end_effector, e.actions) for e in episodes]
    prompts = ["push the square", "push the square", "not push the square"]
    wanted = tuple(
        TrainingEpisode(str(episode_store.root), meta.episode_id, prompt)
        for meta, prompt in zip(metas, prompts, strict=True)
    )
    return FinetuneRequest("test-embedded", "run-001", wanted, steps=6, batch_size=4, learning_rate=1e-3, seed=0)


def stored(store: WeightsStore, version: str) -> dict[str, torch.Tensor]:
    return load_file(store.path(version) / "in_domain.safetensors")


def test_stored_episodes_are_read_as_recorded(asked: FinetuneRequest, episodes: list[Episode]) -> None:
    for recorded, found in zip(episodes, read_episodes(asked.episodes), strict=True):
        assert np.array_equal(recorded.frames, found.frames)
        np.testing.assert_allclose(recorded.actions, found.actions)
    assert read_episodes(asked.episodes)[2].prompt == "not push the square"


def test_finetuning_writes_weights_that_serve(
    family: ModelFamily, store: WeightsStore, asked: FinetuneRequest, tmp_path: Path
) -> None:
    seen: list[tuple[int, int]] = []
    trainer = family.trainer(store, tmp_path / "training")
    assert trainer.finetune(asked, lambda step, steps, loss: seen.append((step, steps))) == "run-001"
    assert seen == [(step, 6) for step in range(1, 7)]
    meta = store.verify("run-001")
    assert (meta.preset, meta.role, meta.parent) == ("test", WeightsRole.IN_DOMAIN, "test-embedded")
    planner = family.planner(store)
    planner.load_weights("run-001")
    assert planner.weights_version == "run-001"
    assert not (tmp_path / "training" / "run-001" / "checkpoint.safetensors").exists()


def test_finetuned_weights_say_what_was_demonstrated_and_not_what_the_robot_did(
    family: ModelFamily, store: WeightsStore, asked: FinetuneRequest, tmp_path: Path
) -> None:
    trainer = family.trainer(store, tmp_path / "training")
    shown, tried, failed = asked.episodes
    trainer.finetune(replace(asked, episodes=(shown, replace(failed, experience=True))))
    versions = family.versions(family.codec().space, store)
    assert versions.demonstrated("run-001") == {"push the square"}
    once_more = replace(tried, prompt="pull the square")
    trainer.finetune(replace(asked, base_version="run-001", new_version="run-002", episodes=(once_more,)))
    assert versions.demonstrated("run-002") == {"push the square", "pull the square"}
    assert versions.demonstrated("test-embedded") == frozenset()


def test_a_finished_finetuning_is_not_repeated(
    family: ModelFamily, store: WeightsStore, asked: FinetuneRequest, tmp_path: Path
) -> None:
    trainer = family.trainer(store, tmp_path / "training")
    trainer.finetune(asked)
    steps: list[int] = []
    assert trainer.finetune(asked, lambda step, of, loss: steps.append(step)) == "run-001"
    assert steps == []
    with pytest.raises(TrainingError, match="another finetuning"):
        trainer.finetune(replace(asked, steps=7))


def test_interrupted_finetuning_ends_as_if_it_never_was(
    family: ModelFamily, asked: FinetuneRequest, tmp_path: Path
) -> None:
    whole, broken = WeightsStore(tmp_path / "whole"), WeightsStore(tmp_path / "broken")
    family.trainer(whole, tmp_path / "a").finetune(asked)
    done: list[int] = []
    with pytest.raises(CancelledByUserError):
        family.trainer(broken, tmp_path / "b").finetune(
            asked, lambda step, of, loss: done.append(step), lambda: len(done) == 3
        )
    assert broken.versions() == []
    family.trainer(broken, tmp_path / "b").finetune(asked, lambda step, of, loss: done.append(step))
    assert done == [1, 2, 3, 4, 5, 6]
    expected, found = stored(whole, "run-001"), stored(broken, "run-001")
    assert all(torch.equal(value, found[name]) for name, value in expected.items())


def test_inverse_dynamics_is_finetuned_and_acts_by_what_it_learned(
    family: ModelFamily, store: WeightsStore, asked: FinetuneRequest, world: WorldSpec, tmp_path: Path
) -> None:
    hands = family.improvable_inverse_dynamics(world, 4, store, family.trainer(store, tmp_path / "training"))
    [episode] = read_episodes(asked.episodes[:1])
    assert episode.end_effector is not None
    here = Observation(episode.frames[0], episode.end_effector[0], 0.0, 0)
    plan = VideoPlan(episode.frames[1:9], "push", "push", 0, "v")
    before = hands.infer(here, plan)
    request = replace(asked, new_version="run-001-inverse-dynamics")
    assert hands.finetune(request) == "run-001-inverse-dynamics"
    meta = store.verify("run-001-inverse-dynamics")
    assert (meta.role, meta.parent) == (WeightsRole.INVERSE_DYNAMICS, "test-embedded")
    np.testing.assert_array_equal(hands.infer(here, plan).actions, before.actions)
    hands.load_weights("run-001-inverse-dynamics")
    assert hands.weights_version == "run-001-inverse-dynamics"
    assert not np.array_equal(hands.infer(here, plan).actions, before.actions)
    with pytest.raises(WeightsError, match="v9"):
        hands.load_weights("v9")
    assert hands.weights_version == "run-001-inverse-dynamics"
    hands.load_weights("test-embedded")
    np.testing.assert_array_equal(hands.infer(here, plan).actions, before.actions)


def test_a_damaged_episode_is_named(
    family: ModelFamily, store: WeightsStore, asked: FinetuneRequest, tmp_path: Path
) -> None:
    broken = asked.episodes[1]
    frames = Path(broken.store) / broken.episode_id / "frames.zip"
    frames.write_bytes(frames.read_bytes()[:200])
    with pytest.raises(StoreError, match=f"{broken.episode_id} is damaged"):
        family.trainer(store, tmp_path / "training").finetune(asked)
    assert store.versions() == []


def test_a_full_disk_leaves_no_weights(
    family: ModelFamily, store: WeightsStore, asked: FinetuneRequest, tmp_path: Path, disk: Any
) -> None:
    trainer = family.trainer(store, tmp_path / "training")

    def fill(step: int, steps: int, loss: float) -> None:
        if step == steps:  # the last checkpoint is written
            disk.fill()

    with pytest.raises(StorageFullError, match="free some"):
        trainer.finetune(asked, fill)
    disk.free()
    assert store.versions() == []


def test_latents_are_kept_for_the_next_finetuning(
    family: ModelFamily, store: WeightsStore, asked: FinetuneRequest, tmp_path: Path
) -> None:
    family.trainer(store, tmp_path / "training").finetune(asked)
    for episode in asked.episodes:
        (Path(episode.store) / episode.episode_id / "frames.zip").unlink()
    again = family.trainer(store, tmp_path / "training")  # as the process of another iteration
    assert again.finetune(replace(asked, new_version="run-002")) == "run-002"


def test_what_cannot_be_finetuned_is_refused(
    family: ModelFamily, store: WeightsStore, asked: FinetuneRequest, tmp_path: Path
) -> None:
    trainer = family.trainer(store, tmp_path / "training")
    with pytest.raises(WeightsError, match="v9"):
        trainer.finetune(replace(asked, base_version="v9"))
    with pytest.raises(TrainingError, match="no usable episode"):
        trainer.finetune(replace(asked, episodes=()))


@pytest.fixture(scope="module")
def made(preset: Preset, episodes: list[Episode], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Embedded weights trained for a few steps on moving squares."""
    path = tmp_path_factory.mktemp("made")
    seen: set[str] = set()
    making = Making(
        preset, path / "runs", path / "out", progress=lambda done, total, last: seen.add(last.split(",")[0])
    )
    make_embedded_weights(TrainingData(episodes, episodes[:1], episodes[1:]), making)
    assert seen == {role.value for role in WeightsRole}
    return path


def test_made_weights_plan_and_are_not_made_twice(
    made: Path, preset: Preset, episodes: list[Episode], refuse: Callable[..., None]
) -> None:
    making = Making(preset, made / "runs", made / "out", progress=refuse)
    make_embedded_weights(TrainingData(episodes, [], []), making)
    planner = ModelFamily(preset, folder=made / "out").planner()
    assert planner.weights_version == "test-embedded"


def test_made_in_domain_weights_say_what_was_demonstrated(made: Path, preset: Preset, episodes: list[Episode]) -> None:
    family = ModelFamily(preset, folder=made / "out")
    assert family.versions(family.codec().space).demonstrated(family.version) == {one.prompt for one in episodes}
    assert demonstrated_prompts(made / "out" / weights_name(WeightsRole.PRIOR)) == frozenset()


@pytest.fixture
def refuse() -> Callable[..., None]:
    def refused(*step: object) -> None:
        raise AssertionError(f"trained again: {step}")

    return refused


def test_the_gate_measures_error_and_motion(
    made: Path, preset: Preset, episodes: list[Episode], world: WorldSpec
) -> None:
    models = ModelFamily(preset, folder=made / "out")
    held_out = [HeldOut(episode, "a robot arm pushing a square") for episode in episodes]
    inverse_dynamics = models.inverse_dynamics(world, 1)
    gate = measure_gate(models.planner(), inverse_dynamics, held_out, frames=8, stride=2)
    assert gate.clips == 6
    assert gate.moved_m > 0
    assert np.isfinite([gate.error_m, gate.true_frames_m]).all()
    with pytest.raises(TrainingError, match="collect longer ones"):
        measure_gate(models.planner(), inverse_dynamics, held_out, frames=12, stride=1)


@pytest.mark.parametrize("target", PoseTarget)
def test_inverse_dynamics_of_poses_learns_from_what_is_imagined(
    target: PoseTarget, preset: Preset, episodes: list[Episode], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    taught: list[ImaginedClips | None] = []

    def spied(*arguments: Any) -> Any:
        taught.append(arguments[-1])
        return train_inverse_dynamics(*arguments)

    monkeypatch.setattr("adapt_learning.embedded_training.train_inverse_dynamics", spied)
    shared = SharedWeights("test", (WeightsRole.CODEC, WeightsRole.PRIOR))
    mine = replace(preset, name="mine", shares=shared, inverse_dynamics=replace(preset.inverse_dynamics, target=target))
    make_embedded_weights(TrainingData(episodes, [], []), Making(mine, tmp_path / "runs", tmp_path / "out"))
    [clips] = taught
    assert (clips is not None) == (target is PoseTarget.POSE), "displacements between imagined frames are not known"
    if clips is not None:
        assert clips.frames.shape[:2] == (sum(len(episode.frames) - 1 for episode in episodes), 9)
