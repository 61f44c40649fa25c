"""Actions from imagined frames."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from adapt_core.errors import ConfigError, ImageError
from adapt_core.types import ActionSpace, Observation, VideoPlan, WorldSpec
from adapt_learning.frame_pair_net import FramePairNet, Keypoints
from adapt_learning.inverse_dynamics import LearnedInverseDynamics
from adapt_learning.inverse_dynamics_settings import ConvolutionalSettings, PoseTarget
from adapt_learning.model_family import ModelFamily
from adapt_learning.motion_targets import add_displacements
from adapt_learning.training.episodes import Episode

LOW, HIGH = np.array([-1.0, -1.0, 0.0]), np.array([1.0, 1.0, 1.0])
POSE = np.array([0.1, 0.2, 0.3, 0.0, 0.0, 0.0, 1.0, 0.5])


def seen(episode: Episode) -> tuple[Observation, VideoPlan]:
    plan = VideoPlan(episode.frames[1:9], "push", "push", 0, "v")
    return Observation(episode.frames[0], POSE, 2.5, 0), plan


def test_displacements_add_up_and_keep_the_orientation() -> None:
    steps = np.array([[0.1, 0.0, 0.0, 0.2], [0.1, -0.1, 0.0, 1.4], [0.0, 0.0, 0.1, -0.1]])
    poses = add_displacements(POSE, steps, LOW, HIGH)
    np.testing.assert_allclose(poses[:, :3], [[0.2, 0.2, 0.3], [0.3, 0.1, 0.3], [0.3, 0.1, 0.4]])
    np.testing.assert_allclose(poses[:, 3:7], np.tile(POSE[3:7], (3, 1)))
    np.testing.assert_allclose(poses[:, 7], [0.2, 1.0, 0.0])


def test_a_plan_that_leaves_the_workspace_stays_at_its_border_and_comes_back() -> None:
    steps = np.array([[2.0, 0, 0, 0.5], [2.0, 0, 0, 0.5], [-0.4, 0, 0, 0.5]])
    assert add_displacements(POSE, steps, LOW, HIGH)[:, 0].tolist() == pytest.approx([1.0, 1.0, 0.6])


def test_a_chunk_has_an_action_a_frame(family: ModelFamily, world: WorldSpec, episodes: list[Episode]) -> None:
    observation, plan = seen(episodes[0])
    chunk = family.inverse_dynamics(world, frame_skip=4).infer(observation, plan)
    assert chunk.actions.shape == (8, 8)
    assert (chunk.space, chunk.frame_skip, chunk.frame_id) == (ActionSpace.END_EFFECTOR, 4, "base")
    assert chunk.stamp_s == 2.5
    assert np.isfinite(chunk.actions).all()


def test_raw_actions_are_kept_in_bounds(world: WorldSpec, episodes: list[Episode]) -> None:
    net = FramePairNet(4, 8, 128)
    net.mean += torch.tensor([5.0, -5.0, 0.0, 0.5])
    settings = ConvolutionalSettings(kind="convolutional", width=8, space=ActionSpace.RAW, raw_dim=4)
    raw = LearnedInverseDynamics(net, settings, replace(world, spaces=(ActionSpace.RAW,)), 1)
    chunk = raw.infer(*seen(episodes[0]))
    assert chunk.space is ActionSpace.RAW
    assert chunk.actions.shape == (8, 4)
    assert (chunk.actions[:, 0] == 1).all()
    assert (chunk.actions[:, 1] == -1).all()


def test_keypoints_are_where_their_maps_are_highest() -> None:
    found = Keypoints(channels=1, count=1)
    with torch.no_grad():
        found.maps.weight.copy_(torch.tensor([100.0, 3.0])[:, None, None, None])  # score and feature of a cell
        found.maps.bias.zero_()
    x = torch.zeros(2, 1, 4, 8)
    x[0, 0, 1, 6] = 1.0
    x[1, 0, 3, 0] = x[1, 0, 3, 1] = 1.0  # between two cells
    expected = [[0.625, -0.25, 3.0], [-0.75, 0.75, 3.0]]  # x and y of the cells' middles, the feature there
    np.testing.assert_allclose(found(x).detach(), expected, atol=1e-5)


def squares(corners: torch.Tensor) -> torch.Tensor:
    """Images (n, 3, 64, 64) of a white square of 8 pixels each, whose upper left `corners` (n, 2) may lie between pixels."""
    cells = torch.arange(64)[None, None]
    from_corner = cells - corners[:, :, None]  # (n, 2, 64)
    covered = from_corner.clamp(0, 1) - (from_corner - 8).clamp(0, 1)
    return (2 * covered[:, 0, :, None] * covered[:, 1, None, :] - 1)[:, None].expand(-1, 3, -1, -1)


def test_keypoints_learn_where_a_thing_is_to_less_than_a_pixel() -> None:
    chance = torch.Generator().manual_seed(0)
    with torch.random.fork_rng():
        torch.manual_seed(0)
        net = FramePairNet(2, 8, 64, keypoints=4)
    optimizer = torch.optim.Adam(net.parameters(), 3e-3)
    for _ in range(120):
        corners = 52 * torch.rand(16, 2, generator=chance)
        optimizer.zero_grad()
        (net.normalised(images := squares(corners), images) - corners / 64).square().mean().backward()
        optimizer.step()
    corners = 52 * torch.rand(64, 2, generator=chance)
    with torch.no_grad():
        found = 64 * net.normalised(images := squares(corners), images)
    assert float((found - corners).abs().mean()) < 0.8


def test_predicted_poses_are_executed_within_the_workspace(world: WorldSpec, episodes: list[Episode]) -> None:
    settings = ConvolutionalSettings(
        kind="convolutional", width=8, space=ActionSpace.END_EFFECTOR, target=PoseTarget.POSE
    )
    net = FramePairNet(settings.targets, 8, 128, settings.oriented)
    quarter = [0.0, 0.0, 0.5**0.5, 0.5**0.5]  # about z
    net.measure(torch.tensor([[9.0, 0.2, 0.3, 0.0, 0.0, np.pi / 2, 2.0]] * 2), torch.tensor(quarter))
    torch.nn.init.zeros_(net.head[-1].weight)
    torch.nn.init.zeros_(net.head[-1].bias)  # predicts the mean
    chunk = LearnedInverseDynamics(net, settings, world, 1).infer(*seen(episodes[0]))
    half = [0.0, 0.0, 1.0, 0.0]  # a quarter from the reference, a quarter itself
    np.testing.assert_allclose(chunk.actions, [[1.0, 0.2, 0.3, *half, 1.0]] * 8, atol=1e-6)


def test_what_does_not_fit_is_refused(family: ModelFamily, world: WorldSpec, episodes: list[Episode]) -> None:
    with pytest.raises(ConfigError, match="executes no"):
        family.inverse_dynamics(replace(world, spaces=(ActionSpace.RAW,)), 4)
    observation, plan = seen(episodes[0])
    infer = family.inverse_dynamics(world, 4).infer
    with pytest.raises(ImageError, match="differ in size"):
        infer(replace(observation, image=np.zeros((64, 64, 3), np.uint8)), plan)
    with pytest.raises(ConfigError, match="no end effector"):
        infer(replace(observation, end_effector=None), plan)
