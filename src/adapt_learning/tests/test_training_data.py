"""Episodes into clips, pairs and images."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from adapt_core.errors import CancelledByUserError, StoreError, TrainingError
from adapt_core.types import ActionSpace
from adapt_learning.codec import Codec, to_frames, to_images
from adapt_learning.in_domain import build_in_domain
from adapt_learning.inverse_dynamics_settings import ConvolutionalSettings, PoseTarget
from adapt_learning.model_family import ModelFamily
from adapt_learning.motion_targets import UPRIGHT, place_poses, poses_of, reference_of, targets_of
from adapt_learning.text import shared_encoder
from adapt_learning.training.clips import LatentEpisode, clip_indices, gather_clips, make_clips
from adapt_learning.training.draws import Draws
from adapt_learning.training.episodes import Episode, usable_episodes
from adapt_learning.training.frame_pairs import ImaginedClips, cluttered, hazy, image_pairs, make_moves
from adapt_learning.training.images import make_images
from adapt_learning.training.imagined_clips import imagine_clips
from adapt_learning.training.latents import LatentCache
from scipy.spatial.transform import Rotation

DISPLACEMENT = ConvolutionalSettings(kind="convolutional", width=8, space=ActionSpace.END_EFFECTOR)
POSE = replace(DISPLACEMENT, target=PoseTarget.POSE)
RAW = replace(DISPLACEMENT, space=ActionSpace.RAW, raw_dim=4)


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


def test_clips_say_where_they_are_from_the_broken_ones_first(family: ModelFamily, episodes: list[Episode]) -> None:
    named = [replace(episodes[0], id="one"), replace(episodes[1], id="two")]
    clips = make_clips(LatentCache(family.codec(), None), named, 8, shared_encoder())
    batch = clips.take(torch.tensor([0, 11 + 2]))
    assert clips.describe(batch) == "episode one from frame 0, episode two from frame 2"
    clips.latents[12 + 5] = torch.nan
    assert clips.describe(clips.take(torch.tensor([0, 11 + 2]))) == "episode two from frame 2"


def test_targets_are_displacements_and_commanded_openings(episodes: list[Episode]) -> None:
    episode = episodes[0]
    assert episode.end_effector is not None
    actions = episode.actions.copy()
    actions[:, 7] = 0.25
    targets = targets_of(replace(episode, actions=actions), DISPLACEMENT, UPRIGHT)
    np.testing.assert_allclose(targets[:, :3], np.diff(episode.end_effector[:, :3], axis=0))
    assert (targets[:, 3] == 0.25).all()
    raw = replace(episode, actions=np.ones((11, 4)))
    assert (targets_of(raw, DISPLACEMENT, UPRIGHT)[:, 3] == 0.5).all()  # the opening reached
    assert (targets_of(raw, RAW, UPRIGHT) == 1).all()
    with pytest.raises(TrainingError, match="no end-effector poses"):
        targets_of(replace(episode, end_effector=None), DISPLACEMENT, UPRIGHT)


def test_targets_span_the_frames_that_are_skipped(episodes: list[Episode]) -> None:
    episode = replace(episodes[0], actions=np.arange(44.0).reshape(11, 4))
    poses = episode.end_effector
    assert poses is not None
    three = targets_of(episode, replace(DISPLACEMENT, frame_skip=3), UPRIGHT)
    np.testing.assert_allclose(three[:, :3], poses[3:, :3] - poses[:-3, :3])
    raw = targets_of(episode, replace(RAW, frame_skip=3), UPRIGHT)
    np.testing.assert_allclose(raw, [episode.actions[i : i + 3].mean(0) for i in range(9)])
    moves = make_moves(episodes, replace(DISPLACEMENT, frame_skip=3), UPRIGHT)
    assert (moves.after - moves.before == 3).all()
    assert len(moves.before) == len(moves.targets) == 27
    with pytest.raises(TrainingError, match="no episode has two frames 12 apart"):
        make_moves(episodes, replace(DISPLACEMENT, frame_skip=12), UPRIGHT)


def test_a_pose_that_is_missing_names_its_episode(episodes: list[Episode]) -> None:
    assert episodes[0].end_effector is not None
    poses = episodes[0].end_effector.copy()
    poses[4] = np.nan
    with pytest.raises(StoreError, match="episode 0815 has poses"):
        make_moves([replace(episodes[0], end_effector=poses, id="0815")], DISPLACEMENT, UPRIGHT)


def test_orientations_near_half_a_turn_do_not_jump(episodes: list[Episode]) -> None:
    """A gripper that points down is half a turn from upright: its rotation vector would flip its sign there."""
    angles = np.linspace(np.pi - 0.2, np.pi + 0.2, 12)
    assert episodes[0].end_effector is not None
    poses = episodes[0].end_effector.copy()
    poses[:, 3:7] = Rotation.from_euler("x", angles[:, None]).as_quat()
    poses[::2, 3:7] *= -1  # the same orientations
    turned = [replace(episodes[0], end_effector=poses)]
    reference = reference_of(turned, POSE)
    moves = make_moves(turned, POSE, reference)
    assert moves.targets.shape == (11, 7)
    assert moves.targets[:, 3:6].abs().max() < 0.21
    reached = place_poses(moves.targets.double().numpy(), reference, -9 * np.ones(3), 9 * np.ones(3))
    np.testing.assert_allclose(np.abs((reached[:, 3:7] * poses[1:, 3:7]).sum(1)), 1, atol=1e-6)


def test_pairs_are_consecutive_within_an_episode(family: ModelFamily, episodes: list[Episode]) -> None:
    moves = make_moves(episodes, DISPLACEMENT, UPRIGHT)
    assert len(moves.before) == len(moves.targets) == 33
    assert 11 not in moves.before  # the last frame of the first episode has no next one
    pairs = image_pairs(LatentCache(family.codec(), None), episodes, moves, DISPLACEMENT, seed=0)
    assert pairs.imagined.shape == pairs.seen.shape
    assert not torch.equal(pairs.imagined, pairs.seen)
    batch = pairs.sample(Draws(0, 0, range(5)))
    assert batch.before.shape == batch.after.shape == (5, 3, 128, 128)
    assert batch.targets.shape == (5, 4)


def test_imagined_poses_are_means_where_their_frames_are(family: ModelFamily, episodes: list[Episode]) -> None:
    many = episodes * 8
    moves = make_moves(many, POSE, UPRIGHT)
    pairs = image_pairs(LatentCache(family.codec(), None), many, moves, POSE, seed=0)
    per_episode = (pairs.targets != moves.targets).any(1).reshape(len(many), -1).any(1)
    assert 0.2 < per_episode.float().mean() < 0.8
    low, high = (moves.targets.reshape(len(many), -1, 7).amin(1), moves.targets.reshape(len(many), -1, 7).amax(1))
    found = pairs.targets.reshape(len(many), -1, 7)
    assert ((found >= low[:, None] - 1e-6) & (found <= high[:, None] + 1e-6)).all()
    exact = image_pairs(
        LatentCache(family.codec(), None), episodes, make_moves(episodes, DISPLACEMENT, UPRIGHT), DISPLACEMENT, seed=0
    )
    assert torch.equal(exact.targets, exact.moves.targets), "a mean of displacements is not what lies between means"


def test_imagined_clips_carry_the_poses_that_were_reached(family: ModelFamily, episodes: list[Episode]) -> None:
    moves, cache = make_moves(episodes, POSE, UPRIGHT), LatentCache(family.codec(), None)
    clips = make_clips(cache, episodes, family.preset.future_frames, family.text_encoder)
    model = build_in_domain(family.preset)
    imagined = imagine_clips(model, clips, moves, family.preset, seed=3, most=5)
    assert imagined.frames.shape == (5, 9, 128, 128, 3)
    poses = np.concatenate([poses_of(episode)[:, :3] for episode in episodes])
    chosen = torch.randperm(len(clips.frames), generator=torch.Generator().manual_seed(3))[:5]
    np.testing.assert_allclose(imagined.targets[..., :3], poses[clips.frames[chosen, 1:]], atol=1e-6)
    first = family.codec().decode(clips.take(chosen).first)
    assert np.abs(imagined.frames[:, 0].numpy().astype(int) - to_frames(first)).max() <= 1
    told: list[tuple[int, int]] = []
    again = imagine_clips(model, clips, moves, family.preset, 3, lambda done, total: told.append((done, total)), most=5)
    assert torch.equal(again.frames, imagined.frames)
    assert told[-1] == (5, 5)
    with pytest.raises(CancelledByUserError, match="0 of 5"):
        imagine_clips(model, clips, moves, family.preset, 3, should_stop=lambda: True, most=5)


def test_pairs_of_a_clip_are_consecutive() -> None:
    frames = (10 * torch.arange(4, dtype=torch.uint8))[None, :, None, None, None].expand(2, 4, 8, 8, 3)
    clips = ImaginedClips(frames, torch.arange(1.0, 4.0)[None, :, None].expand(2, 3, 7))
    batch = clips.sample(Draws(0, 0, range(40)))
    before, after = (127.5 * (image[:, 0, 0, 0] + 1) for image in (batch.before, batch.after))
    np.testing.assert_allclose(after - before, 10, atol=1e-4)
    np.testing.assert_allclose(after, 10 * batch.targets[:, 0], atol=1e-4)
    assert batch.targets[:, 0].unique().tolist() == [1.0, 2.0, 3.0]


def test_half_of_the_pairs_are_of_clips(family: ModelFamily, episodes: list[Episode]) -> None:
    moves, clip = make_moves(episodes, POSE, UPRIGHT), torch.full((1, 9, 128, 128, 3), 255, dtype=torch.uint8)
    clips = ImaginedClips(clip, torch.full((1, 8, 7), 5.0))
    pairs = image_pairs(LatentCache(family.codec(), None), episodes, moves, POSE, seed=0, clips=clips)
    batch = pairs.sample(Draws(0, 0, range(60)))
    of_clips = (batch.targets == 5).all(1)
    assert 0.3 < of_clips.float().mean() < 0.7
    assert (batch.after[of_clips].std((1, 2, 3)) < 1e-3).all()
    assert (batch.after[~of_clips].std((1, 2, 3)) > 1e-3).all()


def test_haze_is_a_mean_of_neighbours() -> None:
    values = torch.tensor([[0.0], [1.0], [4.0]])
    assert hazy(values, torch.tensor([-1, 1])).tolist() == [[0.5], [2.0], [2.5]]
    assert torch.equal(hazy(values, torch.zeros(1, dtype=torch.int64)), values)


@pytest.mark.parametrize(("share", "expected"), [(0.5, 0.5), (None, 1 / 11)])
def test_experience_is_drawn_by_its_share(share: float | None, expected: float) -> None:
    latents = torch.zeros(11, 2, 8, 8).half()
    shown = [LatentEpisode(latents, "push", str(number)) for number in range(10)]
    own = LatentEpisode(latents, "pull", "own", experience=True)
    clips = gather_clips(Codec(2, 8), [*shown, own], 2, shared_encoder(), share)
    drawn = clips.sample(Draws(0, 0, range(2000))).clips
    assert (drawn >= 100).float().mean() == pytest.approx(expected, abs=0.04)
    assert len(drawn.unique()) == 110
    alone = gather_clips(Codec(2, 8), [own], 2, shared_encoder(), share)
    assert len(alone.sample(Draws(0, 0, range(200))).clips.unique()) == 10


def test_clutter_stands_in_the_same_place_before_and_after() -> None:
    rows, size = 60, 20
    images = [torch.full((rows, 3, size, size), value) for value in (0.0, 1.0, 0.5)]
    before, after = cluttered(images[0], images[1], images[2], Draws(0, 0, range(rows)))
    inside = before == 0.5
    assert torch.equal(inside, after == 0.5)
    assert (before[~inside] == 0).all() and (after[~inside] == 1).all()
    areas = inside[:, 0].float().mean((1, 2))
    assert 0.35 < (areas > 0).float().mean() < 0.85  # some pairs stay as they are
    assert areas.max() <= 0.5**2  # and the hand is seldom hidden


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
