"""The Panda's world, and demonstrations in it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from adapt_core.errors import ConfigError, MotionStoppedError, PlanRejectedError
from adapt_core.images import square
from adapt_core.kinematics.arm import ArmModel
from adapt_core.robots import load_robot
from adapt_core.safety import GuardedWorld
from adapt_core.types import ActionChunk, ActionSpace
from adapt_sim.collection import CollectionJob, collect_many
from adapt_sim.demonstrations import Demonstration, Recording
from adapt_sim.panda.cups import HEIGHT_M
from adapt_sim.panda.demonstrations import FRAME_SKIP, collect_expert, collect_random_play, collect_random_waypoints
from adapt_sim.panda.paper_sets import cup_demonstrations, cup_evaluations, drawer_demonstrations, drawer_evaluations
from adapt_sim.panda.tabletop_tasks import TASKS
from adapt_sim.panda.world import PandaWorld

PLAN = 8  # actions that are executed at a time
DOWN = (1.0, 0.0, 0.0, 0.0)


@pytest.fixture(scope="module")
def world() -> Iterator[PandaWorld]:
    """A world with tiny images: here only the actions matter."""
    world = PandaWorld(image_size=16)
    yield world
    world.close()


def chunk(*poses: tuple[float, ...], frame_skip: int = FRAME_SKIP) -> ActionChunk:
    """A chunk of rows x y z and opening, the hand pointing down."""
    actions = np.array([[*pose[:3], *DOWN, pose[3]] for pose in poses])
    return ActionChunk(ActionSpace.END_EFFECTOR, actions, frame_skip, "panda_link0")


def replayed(world: PandaWorld, demonstration: Demonstration) -> bool:
    """Whether the poses of a demonstration do its task again, plan by plan."""
    world.reset(demonstration.task_id, demonstration.seed)
    actions, success = demonstration.end_effector_actions, False
    for first in range(0, len(actions), PLAN):
        plan = ActionChunk(ActionSpace.END_EFFECTOR, actions[first : first + PLAN], FRAME_SKIP, "panda_link0")
        success |= any(bool(observation.success) for observation in world.execute(plan))
    return success


def test_reaches_its_poses_at_the_pace_of_the_frames(world: PandaWorld) -> None:
    world.reset("push-red-cup", 0)
    poses = [(0.32, 0.01, 0.47, 1.0), (0.34, 0.03, 0.45, 1.0), (0.34, 0.03, 0.45, 0.3), (0.35, 0.02, 0.44, 0.3)]
    observations = world.execute(chunk(*poses))
    assert [o.step for o in observations] == [FRAME_SKIP * (index + 1) for index in range(4)]
    for pose, observation in zip(poses, observations, strict=True):
        np.testing.assert_allclose(observation.end_effector[:3], pose[:3], atol=0.005)
    assert abs(observations[2].end_effector @ [0, 0, 0, 1, 0, 0, 0, 0]) > 0.999
    assert observations[1].end_effector[7] > 0.98 and observations[3].end_effector[7] < 0.32


def test_takes_longer_where_the_joints_need_it(world: PandaWorld) -> None:
    world.reset("push-red-cup", 0)
    [observation] = world.execute(chunk((0.45, 0.1, 0.4, 1.0), frame_skip=1))
    assert observation.step > 20
    np.testing.assert_allclose(observation.end_effector[:3], (0.45, 0.1, 0.4), atol=0.005)


@pytest.mark.parametrize(
    ("pose", "code"),
    [
        ((0.9, 0.0, 0.3, 1.0), "outside_workspace"),
        ((0.79, 0.49, 0.69, 1.0), "out_of_reach"),
        ((0.5, 0, 0.4, 2), "outside_limits"),
    ],
)
def test_refuses_what_it_cannot_reach(world: PandaWorld, pose: tuple[float, ...], code: str) -> None:
    before = world.reset("push-red-cup", 0)
    with pytest.raises(PlanRejectedError) as caught:
        world.execute(chunk((0.4, 0.0, 0.4, 1.0), pose))
    assert caught.value.code == code
    after = world.execute(chunk((*before.end_effector[:3], 1.0), frame_skip=1))[0]
    assert after.step == 1
    np.testing.assert_allclose(after.end_effector[:3], before.end_effector[:3], atol=1e-3)


def test_a_reflex_ends_motion_until_the_next_reset(world: PandaWorld) -> None:
    """A cabinet's top is pressed on: it stands 12 cm high."""
    world.reset("open-red-drawer", 0)
    x, y = world.scene.fronts[0, :2] + [0.1, 0.0]
    with pytest.raises(MotionStoppedError) as caught:
        world.execute(chunk((0.45, y, 0.4, 0.0), (x, y, 0.2, 0.0), (x, y, 0.05, 0.0)))
    assert caught.value.code == "reflex" and len(caught.value.observations) == 2
    with pytest.raises(MotionStoppedError, match="recover"):
        world.execute(chunk((x, y, 0.25, 0.0)))
    world.reset("open-red-drawer", 0)
    assert len(world.execute(chunk((0.4, 0.0, 0.4, 1.0)))) == 1


def test_camera_is_wide_and_plans_see_its_middle() -> None:
    world = PandaWorld(image_size=120)
    seen = world.reset("open-yellow-drawer", 0).image
    whole = world.camera_image()
    world.close()
    assert whole.shape == (480, 640, 3)
    np.testing.assert_array_equal(square(whole, 120), seen)
    yellow = (whole[..., 0] > 150) & (whole[..., 1] > 120) & (whole[..., 2] < 80)
    assert yellow.sum() > 200  # pixels of the front


def test_looks_differ_but_dynamics_do_not() -> None:
    images, ends = [], []
    for settings in ({}, {"randomise_seed": 1}, {"randomise_seed": 1, "texture_variation": 0.0}, {"randomise_seed": 2}):
        world = PandaWorld(image_size=32, **settings)
        images.append(world.reset("push-red-cup", 0).image.astype(int))
        ends.append(world.execute(chunk((0.4, 0.0, 0.4, 1.0)))[-1].end_effector)
        world.close()
    for one, other in ((0, 1), (1, 2), (1, 3)):
        assert np.abs(images[one] - images[other]).mean() > 2
        np.testing.assert_array_equal(ends[one], ends[other])


@pytest.mark.parametrize("task", ["push-orange-cup", "open-yellow-drawer"])
def test_demonstrations_succeed_and_so_do_their_poses(world: PandaWorld, task: str) -> None:
    demonstration = collect_expert(world, task, seed=1)
    n = len(demonstration.frames)
    assert demonstration.success and n < 40
    assert demonstration.end_effector.shape == (n, 8) and demonstration.raw_actions.shape == (n - 1, 0)
    np.testing.assert_array_equal(demonstration.end_effector_actions[:, :7], demonstration.end_effector[1:, :7])
    steps_m = np.linalg.norm(np.diff(demonstration.end_effector[:, :3], axis=0), axis=1)
    assert steps_m.min() < 0.01 < 0.05 < steps_m.max()  # it moves, and it pauses
    assert replayed(world, demonstration)


def test_demonstrations_repeat_exactly_and_vary_with_the_seed(world: PandaWorld) -> None:
    short = Recording(FRAME_SKIP, max_frames=6)
    first, other, again = (collect_expert(world, "push-red-cup", seed, recording=short) for seed in (0, 3, 0))
    assert len(first.frames) == 6
    np.testing.assert_array_equal(first.end_effector, again.end_effector)
    np.testing.assert_array_equal(first.frames, again.frames)
    assert not np.array_equal(first.end_effector, other.end_effector)


def test_random_play_roams(world: PandaWorld) -> None:
    play = collect_random_play(
        world, "push-red-cup", 0, Recording(FRAME_SKIP, max_frames=30, frames_after_success=None)
    )
    assert len(play.frames) == 30 and play.random_share == 1.0
    assert (np.ptp(play.end_effector[:, :3], axis=0) > 0.08).all()
    assert set(play.end_effector_actions[:, 7]) >= {0.0, 1.0}


def test_random_waypoints_lie_among_the_things_and_end_at_a_contact(world: PandaWorld) -> None:
    """The control must be able to do a task by chance: it goes down to the cups, and meets them."""
    recording = Recording(16, max_frames=20, frames_after_success=None)
    shown = [collect_random_waypoints(world, "push-orange-cup", seed, recording) for seed in range(3)]
    assert min(one.end_effector[:, 2].min() for one in shown) < HEIGHT_M
    assert all(len(one.frames) == len(one.end_effector_actions) + 1 <= 20 for one in shown)


def test_collects_in_other_processes() -> None:
    recording = Recording(FRAME_SKIP, max_frames=3)
    jobs = [CollectionJob("open-red-drawer", 0, share, recording, 16, world="panda") for share in (0.0, None)]
    assert {d.random_share for d in collect_many(jobs, workers=1)} == {0.0, 1.0}
    with pytest.raises(ConfigError, match="panda"):
        next(collect_many([CollectionJob("cartpole-swingup", 0, world="dmc")], workers=1))


def test_no_random_share(world: PandaWorld) -> None:
    with pytest.raises(ConfigError, match="random"):
        collect_expert(world, "push-red-cup", 0, random_share=0.7)


def test_the_simulated_hand_is_where_the_kinematics_say(world: PandaWorld) -> None:
    world.reset("push-red-cup", 0)
    world.execute(chunk((0.45, 0.15, 0.3, 1.0)))
    np.testing.assert_allclose(
        world.arm.tcp_pose, ArmModel.of(load_robot("panda")).forward(world.arm.positions), atol=1e-6
    )


def test_the_guard_and_the_robots_settings_agree_with_the_world(world: PandaWorld) -> None:
    robot = load_robot("panda")
    guarded = GuardedWorld(world, robot)
    now_s = guarded.reset("push-red-cup", 0).stamp_s
    plan = chunk((0.35, 0.0, 0.45, 1.0), frame_skip=robot.frame_skip)
    assert len(guarded.execute(replace(plan, stamp_s=now_s))) == 1


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_sixty_demonstrations_and_their_poses_succeed(world: PandaWorld) -> None:
    """At least 95 % of 60 episodes over all ten tasks, and of their poses through kinematics and controller."""
    done = [collect_expert(world, task, seed) for task in TASKS for seed in range(6)]
    succeeded = [demonstration for demonstration in done if demonstration.success]
    assert len(succeeded) >= 0.95 * len(done)
    assert sum(replayed(world, demonstration) for demonstration in succeeded) >= 0.95 * len(done)


@pytest.mark.slow
def test_every_scene_of_the_paper_can_be_set_up(world: PandaWorld) -> None:
    sets = (cup_demonstrations(), cup_evaluations(), drawer_demonstrations(), drawer_evaluations())
    for trials in (trials for part in sets for trials in part):
        for seed in trials.seeds():
            assert world.reset(trials.task_id, seed).success is False
            assert not world.arm.errors
