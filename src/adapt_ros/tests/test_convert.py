"""What goes through a message comes back the same; what makes no sense is refused with a reason."""

from __future__ import annotations

import math
from typing import TypeVar

import numpy as np
import pytest

pytest.importorskip("rclpy")

from adapt_core.errors import ImageError, PlanRejectedError
from adapt_core.kinematics import JointTrajectory
from adapt_core.types import (
    ActionChunk,
    ActionSpace,
    FinetuneRequest,
    Observation,
    PlanRequest,
    TrainingEpisode,
    VideoPlan,
)
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from rclpy.serialization import deserialize_message, serialize_message
from sensor_msgs.msg import Image

from adapt_interfaces import msg
from adapt_ros import convert

pytestmark = pytest.mark.ros

M = TypeVar("M")
images = st.tuples(st.integers(1, 9), st.integers(1, 9)).flatmap(lambda size: hnp.arrays(np.uint8, (*size, 3)))
numbers = st.floats(-1e6, 1e6)
seconds = st.floats(0.0, 2e9)
seeds = st.integers(-(2**63), 2**63 - 1)
texts = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=9)


def sent(message: M) -> M:
    """The message as the other end gets it."""
    received: M = deserialize_message(serialize_message(message), type(message))
    return received


@given(seconds)
def test_stamps(stamp_s: float) -> None:
    assert math.isclose(convert.from_time(sent(convert.to_time(stamp_s))), stamp_s, rel_tol=1e-15, abs_tol=1e-9)


@given(images)
def test_images(image: np.ndarray) -> None:
    assert np.array_equal(convert.from_image(sent(convert.to_image(image))), image)


@given(images, st.integers(0, 5))
def test_padded_and_bgr_images_come_out_as_rgb(image: np.ndarray, padding: int) -> None:
    height, width, _ = image.shape
    rows = np.pad(image[..., ::-1].reshape(height, 3 * width), ((0, 0), (0, padding)))
    message = Image(height=height, width=width, step=3 * width + padding, encoding="bgr8", data=rows.tobytes())
    assert np.array_equal(convert.from_image(message), image)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"encoding": "mono8"}, "rgb8 or bgr8"),
        ({"height": 0}, "camera connected"),
        ({"step": 5}, "bytes"),
        ({"height": 3}, "bytes"),
    ],
)
def test_an_image_that_makes_no_sense_is_refused(change: dict[str, object], reason: str) -> None:
    message = convert.to_image(np.zeros((2, 2, 3), np.uint8))
    for field, value in change.items():
        setattr(message, field, value)
    with pytest.raises(ImageError, match=reason):
        convert.from_image(message)


@pytest.mark.parametrize("image", [np.zeros((2, 2), np.uint8), np.zeros((2, 2, 3)), np.zeros((0, 2, 3), np.uint8)])
def test_what_is_no_image_is_not_sent(image: np.ndarray) -> None:
    with pytest.raises(ImageError):
        convert.to_image(image)


@given(
    images, st.none() | hnp.arrays(np.float64, 8, elements=numbers), seconds, st.integers(0, 2**32 - 1),
    st.sampled_from([None, True, False]),
)  # fmt: skip
def test_observations(
    image: np.ndarray, hand: np.ndarray | None, stamp_s: float, step: int, success: bool | None
) -> None:
    message = sent(convert.to_observation(Observation(image, hand, stamp_s, step, success), 7, "base"))
    back = convert.from_observation(message)
    assert (message.sequence, message.header.frame_id) == (7, "base")
    assert np.array_equal(back.image, image)
    assert (back.step, back.success) == (step, success)
    assert np.array_equal(back.end_effector, hand) if hand is not None else back.end_effector is None


@given(images, texts, texts, seeds, seconds)
def test_plan_requests(image: np.ndarray, own: str, prior: str, seed: int, stamp_s: float) -> None:
    back = convert.from_plan_goal(sent(convert.to_plan_goal(PlanRequest(image, own, prior, seed, stamp_s))))
    assert np.array_equal(back.image, image)
    assert (back.in_domain_prompt, back.prior_prompt, back.seed) == (own, prior, seed)


@given(hnp.arrays(np.uint8, (3, 4, 5, 3)), texts, seeds)
def test_video_plans(frames: np.ndarray, version: str, seed: int) -> None:
    back = convert.from_video_plan(sent(convert.to_video_plan(VideoPlan(frames, "a", "b", seed, version, 1.5))))
    assert np.array_equal(back.frames, frames)
    assert (back.weights_version, back.seed, back.stamp_s) == (version, seed, 1.5)


def test_a_plan_without_frames_or_of_several_sizes_is_refused() -> None:
    two = [convert.to_image(np.zeros((size, 2, 3), np.uint8)) for size in (2, 3)]
    for frames in ([], two):
        with pytest.raises(ImageError, match="one size"):
            convert.from_video_plan(msg.VideoPlan(frames=frames))


@given(st.integers(1, 5).flatmap(lambda n: hnp.arrays(np.float64, (n, 8), elements=st.floats())))
def test_chunks_keep_even_what_is_not_finite(actions: np.ndarray) -> None:
    chunk = ActionChunk(ActionSpace.END_EFFECTOR, actions, 4, "base", 2.5)
    back = convert.from_chunk(sent(convert.to_chunk(chunk)))
    assert np.array_equal(back.actions, actions, equal_nan=True)
    assert (back.space, back.frame_skip, back.frame_id, back.stamp_s) == (chunk.space, 4, "base", 2.5)


@pytest.mark.parametrize(
    "message",
    [
        msg.ActionChunk(space="joints", dimension=1, actions=[0.0]),
        msg.ActionChunk(space="raw", dimension=0, actions=[0.0]),
        msg.ActionChunk(space="raw", dimension=2, actions=[0.0] * 3),
        msg.ActionChunk(space="end_effector", dimension=4, actions=[0.0] * 4),
    ],
)
def test_a_chunk_that_makes_no_sense_is_refused(message: msg.ActionChunk) -> None:
    with pytest.raises(ValueError, match=r"valid|dimension|numbers"):
        convert.from_chunk(message)


training_episodes = st.builds(TrainingEpisode, texts, texts, texts, st.booleans())


@given(texts, texts, st.lists(training_episodes, max_size=3), seeds, st.none() | st.floats(0.01, 0.99))
def test_finetune_requests(
    base: str, new: str, episodes: list[TrainingEpisode], seed: int, share: float | None
) -> None:
    request = FinetuneRequest(base, new, tuple(episodes), 10, 4, 1e-5, seed, share)
    assert convert.from_finetune_goal(sent(convert.to_finetune_goal(request))) == request


def test_a_motion_comes_back_in_the_order_of_the_asked_joints() -> None:
    rng = np.random.default_rng(0)
    rows = [rng.normal(size=(3, 2)) for _ in range(3)]
    motion = JointTrajectory(np.array([0.0, 0.1, 1.25]), *rows, np.array([0.1, 1.25]))
    back = convert.from_motion(convert.to_motion(motion, ("a", "b")), ("b", "a"))
    np.testing.assert_allclose(back.times_s, motion.times_s, atol=1e-9)
    np.testing.assert_array_equal(back.waypoint_times_s, motion.waypoint_times_s)
    for mine, theirs in zip((back.positions, back.velocities, back.accelerations), rows, strict=True):
        np.testing.assert_array_equal(mine, theirs[:, ::-1])
    with pytest.raises(PlanRejectedError, match="no joint c"):
        convert.from_motion(convert.to_motion(motion, ("a", "b")), ("a", "c"))


def test_joint_states_are_taken_by_name() -> None:
    joints = convert.Joints(2.5, np.array([1.0, 2.0, 3.0]), np.array([0.1, 0.2, 0.3]))
    message = convert.to_joint_state(joints, ("a", "b", "c"), np.zeros(3))
    back = convert.from_joint_state(message, ("c", "a"))
    assert (back.stamp_s, list(back.positions), list(back.velocities)) == (2.5, [3.0, 1.0], [0.3, 0.1])
    with pytest.raises(PlanRejectedError, match=r"has no joint d, only a, b, c: correct arm\.joints"):
        convert.from_joint_state(message, ("a", "d"))
