"""Episodes into clips, pairs and images."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from adapt_core.errors import TrainingError
from adapt_core.types import ActionSpace
from adapt_learning.codec import to_images
from adapt_learning.model_family import ModelFamily
from adapt_learning.text import shared_encoder
from adapt_learning.training.clips import clip_indices, make_clips
from adapt_learning.training.draws import Draws
from adapt_learning.training.episodes import Episode, usable_episodes
from adapt_learning.training.frame_pairs import make_pairs, targets_of
from adapt_learning.training.images import make_images
from adapt_learning.training.latents import LatentCache


def test_clips_repeat_the_last_frame_past_the_end() -> None:
    assert clip_indices(4, 3).tolist() == [[0, 1, 2, 3], [1, 2, 3, 3], [2, 3, 3, 3]]


def test_clips_hold_the_right_latents_and_text(family: ModelFamily, episodes: list[Episode]) -> None:
    codec, named = family.codec(), [replace(episodes[0], prompt="a"), replace(episodes[1], prompt="not a")]
    clips = make_clips(LatentCache(codec, None), named, 8, shared_encoder())
    assert clips.frames.shape == (22, 9)
    batch = clips.take(torch.tensor([0, 11 + 2]))
    assert batch.targets.shape == (2, 8, 4, 16, 16)
    with torch.no_grad():
        latents = codec.encode(to_images(named[1].frames))
    torch.testing.assert_close(batch.first[1], latents[2], rtol=1e-3, atol=1e-3)
    expected = codec.to_targets(latents[None, 3:11], latents[None, 2])[0]
    torch.testing.assert_close(batch.targets[1], expected, rtol=1e-3, atol=1e-3)
    assert torch.equal(batch.text.pooled, shared_encoder().encode(["a", "not a"]).pooled)


def test_targets_are_displacements_and_commanded_openings(episodes: list[Episode]) -> None:
    episode = episodes[0]
    assert episode.end_effector is not None
    actions = episode.actions.copy()
    actions[:, 7] = 0.25
    targets = targets_of(replace(episode, actions=actions), ActionSpace.END_EFFECTOR)
    np.testing.assert_allclose(targets[:, :3], np.diff(episode.end_effector[:, :3], axis=0))
    assert (targets[:, 3] == 0.25).all()
    raw = replace(episode, actions=np.ones((11, 4)))
    assert (targets_of(raw, ActionSpace.END_EFFECTOR)[:, 3] == 0.5).all()  # the opening reached
    assert (targets_of(raw, ActionSpace.RAW) == 1).all()
    with pytest.raises(TrainingError, match="no end-effector poses"):
        targets_of(replace(episode, end_effector=None), ActionSpace.END_EFFECTOR)


def test_pairs_are_consecutive_within_an_episode(family: ModelFamily, episodes: list[Episode]) -> None:
    pairs = make_pairs(family.codec(), episodes, ActionSpace.END_EFFECTOR, seed=0)
    assert len(pairs.first) == len(pairs.targets) == 33
    assert 11 not in pairs.first  # the last frame of the first episode has no next one
    batch = pairs.sample(Draws(0, 0, range(5)))
    assert batch.before.shape == batch.after.shape == (5, 3, 128, 128)
    assert batch.targets.shape == (5, 4)


def test_images_carry_the_weights_of_their_episode(episodes: list[Episode]) -> None:
    images = make_images(episodes, 8.0)
    batch = images.sample(Draws(0, 0, range(6)))
    assert batch.images.shape == (6, 3, 128, 128)
    assert batch.weight.shape == (6, 1, 128, 128)
    assert batch.weight.amax((1, 2, 3)).tolist() == pytest.approx([9.0] * 6)


def test_unusable_episodes_are_refused(episodes: list[Episode]) -> None:
    with pytest.raises(TrainingError, match="no usable episode"):
        usable_episodes([replace(episodes[0], frames=episodes[0].frames[:1])], 128)
    with pytest.raises(TrainingError, match="128 x 128 pixels"):
        usable_episodes(episodes, 64)
