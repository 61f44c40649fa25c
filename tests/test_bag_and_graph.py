"""A bag speaks as the graph does: its names and types, in bytes that ROS itself reads."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from adapt_core.episode_store import EpisodeHeader, EpisodeStore
from adapt_core.robots import load_robot
from adapt_core.types import ActionSpace, ControlLoop, LabelValue, Observation, Outcome, VideoPlan

pytestmark = pytest.mark.ros
pytest.importorskip("rosbags", reason="needs pip install 'adapt[interchange]'")


@pytest.fixture
def store(tmp_path: Path) -> EpisodeStore:
    store = EpisodeStore(tmp_path / "episodes")
    header = EpisodeHeader(
        "mine", 2, 3, "metaworld", "metaworld", "drawer-close", "drawer close", "closing", True, 7, "ipa", "base", "idm",
        "test", ControlLoop.SEMI_OPEN, ActionSpace.END_EFFECTOR, 4, (8, 10),
    )  # fmt: skip
    with store.begin(header) as writer:
        image = np.arange(240, dtype=np.uint8).reshape(8, 10, 3)
        writer.add_observation(Observation(image, np.arange(8.0), 1.5, 0), None, None)
        plan = writer.add_plan(VideoPlan(image[None], "drawer close", "closing", 7, "base", 1.5))
        writer.add_observation(Observation(image, np.arange(8.0), 1.7, 4), np.arange(8.0) / 3, plan)
        meta = writer.finish(Outcome.COMPLETED, success=True)
    store.label(meta.episode_id, LabelValue.SUCCESS, "ada")
    return store


def test_topics_are_those_of_the_graph() -> None:
    from adapt_core.interchange import bag

    from adapt_ros import interfaces

    same = {"VIDEO_PLAN": interfaces.VIDEO_PLAN, "EPISODE_STATUS": interfaces.EPISODE_STATUS, "LABEL": interfaces.LABEL}
    for name, topic in same.items():
        mine: bag.BagTopic = getattr(bag, name)
        package, kind = topic.type.__module__.split(".")[0], topic.type.__name__
        assert (mine.name, mine.type) == (topic.name, f"{package}/msg/{kind}")
    assert bag.IMAGE.name == f"{interfaces.IMAGE.name}/compressed", "as image_transport names it"


def test_ros_reads_the_messages(store: EpisodeStore, tmp_path: Path) -> None:
    from adapt_core.interchange.bag import export_mcap
    from adapt_ros.convert import from_chunk, from_episode_status, from_video_plan
    from rclpy.serialization import deserialize_message
    from rosbags.rosbag2 import Reader

    from adapt_interfaces import msg

    [meta] = store.episodes()
    export_mcap(store, [meta], tmp_path / "out")
    with Reader(tmp_path / "out" / meta.episode_id) as reader:
        raw = {c.topic.removeprefix("/metaworld/"): bytes(data) for c, _, data in reader.messages()}
    plan = from_video_plan(deserialize_message(raw["video_plan"], msg.VideoPlan))
    assert np.array_equal(plan.frames, store.read_plan(meta.episode_id, 0).frames)
    assert (plan.seed, plan.stamp_s) == (7, 1.5)
    chunk = from_chunk(deserialize_message(raw["action"], msg.ActionChunk))
    assert np.array_equal(chunk.actions, store.read_steps(meta.episode_id).actions)
    assert (chunk.frame_id, chunk.frame_skip) == (load_robot("metaworld").frame_id, 4)
    result = from_episode_status(deserialize_message(raw["episode_status"], msg.EpisodeStatus))
    assert (result.episode_id, result.outcome, result.success) == (meta.episode_id, Outcome.COMPLETED, True)
    label = deserialize_message(raw["label"], msg.Label)
    assert (label.value, label.operator_name) == ("success", "ada")
