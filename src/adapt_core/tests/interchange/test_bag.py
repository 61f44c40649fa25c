"""Out of the store into bags, and what two readers of others find in them."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import yaml
from adapt_core.episode_store import EpisodeMeta, EpisodeStore
from adapt_core.episode_store.meta import META
from adapt_core.errors import StorageFullError, StoreError

pytest.importorskip("rosbags", reason="needs pip install 'adapt[interchange]'")
from adapt_core.interchange.bag import export_mcap
from rosbags.highlevel import AnyReader


def exported(store: EpisodeStore, target: Path, lossless: bool = False) -> Path:
    export_mcap(store, store.episodes(), target, lossless)
    return target


def played(bag: Path) -> dict[str, list[tuple[int, Any]]]:
    """(time [ns], message) by topic, in the order they were played, read by the definitions in the bag alone."""
    found = defaultdict(list)
    with AnyReader([bag]) as reader:
        for connection, time_ns, data in reader.messages():
            found[connection.topic].append((time_ns, reader.deserialize(data, connection.msgtype)))
    return found


def decoded(message: Any) -> np.ndarray:
    return cv2.imdecode(np.asarray(message.data), cv2.IMREAD_COLOR)[..., ::-1]


def stamp_s(message: Any) -> float:
    return message.header.stamp.sec + message.header.stamp.nanosec / 1e9


@pytest.mark.parametrize(("lossless", "loss_db"), [(False, 30.0), (True, 100.0)])
def test_rosbags_plays_what_was_stored(
    store: EpisodeStore, tmp_path: Path, make: Any, lossless: bool, loss_db: float
) -> None:
    out = exported(store, tmp_path / "out", lossless)
    assert len(list(out.iterdir())) == 3
    for meta in store.episodes():
        topics = {topic.removeprefix("/metaworld/"): heard for topic, heard in played(out / meta.episode_id).items()}
        messages = {topic: [message for _, message in heard] for topic, heard in topics.items()}
        steps = store.read_steps(meta.episode_id)
        images = np.stack([decoded(message) for message in messages["image_raw/compressed"]])
        assert make.psnr(store.read_frames(meta.episode_id), images) > loss_db
        assert np.allclose([stamp_s(m) for m in messages["image_raw/compressed"]], steps.stamps_s, atol=1e-9)
        assert np.array_equal([m.actions for m in messages["action"]], steps.actions)
        assert {(m.space, m.frame_skip, m.dimension) for m in messages["action"]} == {("end_effector", 4, 8)}
        poses = [m.pose for m in messages["end_effector"]]
        assert np.array_equal([(p.position.x, p.orientation.w) for p in poses], steps.end_effector[:, [0, 6]])
        assert [m.data for m in messages["gripper_opening"]] == steps.end_effector[:, 7].tolist()
        assert messages["in_domain_prompt"][0].data == meta.in_domain_prompt
        assert messages["prior_prompt"][0].data == meta.prior_prompt
        check_plans(store, meta, topics["video_plan"], steps.plan)
        [status] = messages["episode_status"]
        assert (status.outcome, status.reason, status.steps) == (meta.outcome, meta.reason, meta.steps)
        labels = [(m.value, m.operator_name, m.episode_id) for m in messages.get("label", [])]
        label = store.labels().get(meta.episode_id)
        assert labels == ([] if label is None else [(label.value, label.operator, meta.episode_id)])
        begin_ns = topics["image_raw/compressed"][0][0]
        assert begin_ns == pytest.approx(datetime.fromisoformat(meta.started_at).timestamp() * 1e9, abs=1000)


def check_plans(store: EpisodeStore, meta: EpisodeMeta, heard: list[tuple[int, Any]], followed: np.ndarray) -> None:
    assert len(heard) == meta.plans
    for index, (time_ns, message) in enumerate(heard):
        plan = store.read_plan(meta.episode_id, index)
        frames = [np.asarray(image.data).reshape(image.height, image.width, 3) for image in message.frames]
        assert np.array_equal(frames, plan.frames)
        assert (message.seed, message.weights_version) == (plan.seed, plan.weights_version)
        first = np.flatnonzero(followed == index)
        assert (time_ns - heard[0][0]) / 1e9 == pytest.approx(0.1 * (first[0] if first.size else meta.steps), abs=1e-6)


def test_the_meta_data_travels_with_the_bag(store: EpisodeStore, tmp_path: Path) -> None:
    out = exported(store, tmp_path / "out")
    for meta in store.episodes():
        metadata = yaml.safe_load((out / meta.episode_id / "metadata.yaml").read_text())
        kept = metadata["rosbag2_bagfile_information"]["custom_data"]["adapt_episode"]
        assert META.validate_json(kept, strict=True) == meta


def test_another_reader_agrees(store: EpisodeStore, tmp_path: Path) -> None:
    decoder = pytest.importorskip("mcap_ros2.decoder")
    from mcap.reader import make_reader

    meta = store.episodes()[0]
    [path] = (exported(store, tmp_path / "out") / meta.episode_id).glob("*.mcap")
    with path.open("rb") as file:
        reader = make_reader(file, decoder_factories=[decoder.DecoderFactory()])
        heard = [(channel.topic, message) for _, channel, _, message in reader.iter_decoded_messages()]
    actions = [list(message.actions) for topic, message in heard if topic == "/metaworld/action"]
    assert np.array_equal(actions, store.read_steps(meta.episode_id).actions)
    [label] = [message for topic, message in heard if topic == "/metaworld/label"]
    assert (label.value, label.operator_name) == ("success", "ada")


@pytest.mark.parametrize("room", [100, 5_000, 50_000])
def test_a_disk_that_fills_leaves_nothing_half_written(
    store: EpisodeStore, tmp_path: Path, disk: Any, room: int
) -> None:
    disk.fill(room)
    with pytest.raises(StorageFullError, match=r"no space left while writing .*out: free some and try again"):
        exported(store, tmp_path / "out")
    disk.free()
    assert [path.name for path in tmp_path.iterdir()] == ["episodes"]
    exported(store, tmp_path / "out")


def test_bad_input_is_one_clear_message(store: EpisodeStore, tmp_path: Path) -> None:
    exported(store, tmp_path / "out")
    with pytest.raises(StoreError, match="out is not an empty folder"):
        exported(store, tmp_path / "out")
    with pytest.raises(StoreError, match="there is no episode to export"):
        export_mcap(store, [], tmp_path / "none")
    victim = store.episodes()[1].episode_id
    frames = store.root / victim / "frames.zip"
    data = bytearray(frames.read_bytes())
    data[len(data) // 2] ^= 0xFF
    frames.write_bytes(data)
    with pytest.raises(StoreError, match=f"episode {victim} is damaged"):
        exported(store, tmp_path / "again")
    assert not (tmp_path / "again").exists()
