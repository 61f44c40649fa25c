"""What is recorded comes back exactly, and what is wrong with a store is named."""

from __future__ import annotations

import dataclasses
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from adapt_core.episode_store import ClipRef, EpisodeStore
from adapt_core.errors import ImageError, StoreError
from adapt_core.types import LabelValue, Outcome


def test_an_episode_comes_back_exactly(store: EpisodeStore, make: Any) -> None:
    header = make.header()
    with store.begin(header) as writer:
        writer.add_observation(make.observation(0), None, None)
        assert writer.add_plan(make.plan(0)) == 0
        writer.add_observation(make.observation(1), np.array([0.1, np.pi, -1e-300]), 0)
        assert writer.add_plan(make.plan(1, frames=2)) == 1
        writer.add_observation(make.observation(2, success=None), np.array([1.0, 2.0, np.nan]), 1)
        writer.add_observation(make.observation(3, success=True), np.array([1.0, 2.0, 3.0]), None)
        meta = writer.finish(Outcome.COMPLETED, success=True)

    again = EpisodeStore(store.root)
    assert again.episodes() == store.episodes() == [meta] == [again.meta(writer.episode_id)]
    assert {f.name: getattr(meta, f.name) for f in dataclasses.fields(header)} == vars(header)
    assert (meta.frames, meta.steps, meta.plans, meta.outcome, meta.success) == (4, 3, 2, Outcome.COMPLETED, True)
    assert meta.started_at.endswith("+00:00")
    frames = again.read_frames(meta.episode_id)
    assert frames.dtype == np.uint8
    assert np.array_equal(frames, np.stack([make.observation(i).image for i in range(4)]))
    assert np.array_equal(again.read_frames(meta.episode_id, 1, 3), frames[1:3])
    steps = again.read_steps(meta.episode_id)
    assert steps.end_effector is not None
    assert np.array_equal(steps.end_effector, np.stack([make.observation(i).end_effector for i in range(4)]))
    expected = [[0.1, np.pi, -1e-300], [1, 2, np.nan], [1, 2, 3]]
    assert np.array_equal(steps.actions, np.array(expected), equal_nan=True)
    assert steps.plan.tolist() == [0, 1, -1]
    assert steps.success.tolist() == [0, 0, -1, 1]
    assert steps.stamps_s.tolist() == [make.observation(i).stamp_s for i in range(4)]
    assert steps.control_steps.tolist() == [0, 4, 8, 12]
    plan, imagined = again.read_plan(meta.episode_id, 1), make.plan(1, frames=2)
    assert np.array_equal(plan.frames, imagined.frames)
    assert {**vars(plan), "frames": None} == {**vars(imagined), "frames": None}
    assert sorted(path.name for path in (store.root / meta.episode_id).iterdir()) == [
        "frames.zip",
        "meta.json",
        "plans.zip",
        "steps.parquet",
    ]


def test_ids_sort_by_time_and_differ(store: EpisodeStore, make: Any) -> None:
    ids = [make.record(store, frames=1).episode_id for _ in range(20)]
    assert len(set(ids)) == 20
    assert [meta.episode_id for meta in store.episodes()] == sorted(ids)


def test_an_error_within_the_block_ends_the_episode_as_aborted(store: EpisodeStore, make: Any) -> None:
    with pytest.raises(RuntimeError, match="camera"), store.begin(make.header()) as writer:
        writer.add_observation(make.observation(0, success=None), None, None)
        raise RuntimeError("camera unplugged")
    meta = store.meta(writer.episode_id)
    assert (meta.outcome, meta.reason, meta.frames) == (Outcome.ABORTED, "RuntimeError: camera unplugged", 1)
    assert meta.success is None
    with store.begin(make.header()) as writer:
        pass
    assert store.meta(writer.episode_id).reason == "the recording ended without a result"
    assert store.read_frames(writer.episode_id).shape == (0, *make.shape, 3)
    assert store.read_steps(writer.episode_id).actions.shape == (0, 0)
    assert list(store.root.glob(".recording-*")) == []


def test_misuse_of_the_writer_is_named_and_does_no_harm(store: EpisodeStore, make: Any) -> None:
    action = np.zeros(4)
    with store.begin(make.header()) as writer:
        with pytest.raises(StoreError, match="first observation"):
            writer.add_observation(make.observation(0), action, None)
        writer.add_observation(make.observation(0), None, None)
        with pytest.raises(StoreError, match="first observation"):
            writer.add_observation(make.observation(1), None, None)
        with pytest.raises(StoreError, match="no plan 0"):
            writer.add_observation(make.observation(1), action, 0)
        writer.add_observation(make.observation(1), action, None)
        for bad in [np.zeros(5), np.zeros((2, 2))]:
            with pytest.raises(StoreError, match="one length"):
                writer.add_observation(make.observation(2), bad, None)
        with pytest.raises(StoreError, match="8 numbers"):
            writer.add_observation(make.observation(2, end_effector=np.zeros(7)), action, None)
        for image in [np.zeros((*make.shape, 3)), np.zeros((4, 4, 3), np.uint8), np.zeros(make.shape, np.uint8)]:
            with pytest.raises(ImageError):
                writer.add_observation(make.observation(2, image=image), action, None)
        with pytest.raises(ImageError, match="plan's frames"):
            writer.add_plan(dataclasses.replace(make.plan(), frames=np.zeros((0, 8, 8, 3), np.uint8)))
        meta = writer.finish(Outcome.COMPLETED)
        with pytest.raises(StoreError, match="is finished"):
            writer.add_observation(make.observation(2), action, None)
        with pytest.raises(StoreError, match="is finished"):
            writer.finish(Outcome.COMPLETED)
    assert meta.frames == 2


def test_a_world_without_end_effector_and_one_that_loses_it(store: EpisodeStore, make: Any) -> None:
    for lost, expected in [((0, 1), None), ((1,), [False, True])]:
        with store.begin(make.header()) as writer:
            for i in range(2):
                changes = {"end_effector": None} if i in lost else {}
                writer.add_observation(make.observation(i, **changes), None if i == 0 else np.zeros(2), None)
            writer.finish(Outcome.COMPLETED)
        poses = store.read_steps(writer.episode_id).end_effector
        assert (None if poses is None else np.isnan(poses).all(axis=1).tolist()) == expected


def test_queries_filter_by_every_field(store: EpisodeStore, make: Any) -> None:
    a = make.record(store, task_id="a", weights_version="w1", run_id="r1", iteration=0)
    b = make.record(store, task_id="b", weights_version="w2", run_id="r1", iteration=1, outcome=Outcome.ABORTED)
    c = make.record(store, task_id="a", weights_version="w2", run_id="r2", iteration=1)
    store.label(c.episode_id, LabelValue.SUCCESS, "ann")
    assert store.episodes() == [a, b, c]
    assert store.episodes(task_id="a") == [a, c]
    assert store.episodes(weights_version="w2", outcome=Outcome.COMPLETED) == [c]
    assert store.episodes(run_id="r1", iteration=1) == [b]
    assert store.episodes(iteration=0, task_id=None) == [a]
    assert store.episodes(label=LabelValue.SUCCESS) == [c]
    assert store.episodes(label=LabelValue.UNLABELED) == [a, b]
    assert store.pending() == [a]


def test_clips_are_all_windows(store: EpisodeStore, make: Any) -> None:
    meta = make.record(store, frames=5)
    make.record(store, frames=2, task_id="other")
    assert store.clips(length=3) == [ClipRef(meta.episode_id, start, 3) for start in (0, 1, 2)]
    assert store.clips(length=3, stride=2) == [ClipRef(meta.episode_id, start, 3) for start in (0, 2)]
    assert store.clips(length=2, task_id="other")[0].start == 0
    assert store.clips() == []
    clip = store.read_clip(store.clips(length=3)[1])
    assert np.array_equal(clip, store.read_frames(meta.episode_id, 1, 4))


def test_ready_data_is_added_and_labelled(store: EpisodeStore, make: Any) -> None:
    frames = np.stack([make.observation(i).image for i in range(4)])
    poses = np.arange(32.0).reshape(4, 8)
    actions = np.arange(12.0).reshape(3, 4)
    meta = store.add(make.header(), frames, poses, actions, success=True, operator="simulator")
    assert np.array_equal(store.read_frames(meta.episode_id), frames)
    steps = store.read_steps(meta.episode_id)
    assert np.array_equal(steps.actions, actions)
    assert steps.end_effector is not None
    assert np.array_equal(steps.end_effector, poses)
    assert steps.stamps_s.tolist() == [0, 1, 2, 3]
    assert steps.control_steps.tolist() == [0, 4, 8, 12]
    assert store.label_of(meta.episode_id) is LabelValue.SUCCESS
    other = store.add(make.header(), frames, None, actions, stamps_s=np.array([0.0, 0.5, 1.0, 1.5]))
    assert store.label_of(other.episode_id) is LabelValue.UNLABELED
    assert store.read_steps(other.episode_id).stamps_s.tolist() == [0, 0.5, 1, 1.5]
    for bad in [(frames, poses, actions[:2]), (frames, poses[:2], actions)]:
        with pytest.raises(StoreError, match="4 frames need"):
            store.add(make.header(), *bad)
    with pytest.raises(StoreError, match="success"):
        store.add(make.header(), frames, None, actions, operator="ann")


def test_ranges_that_do_not_exist_are_refused(store: EpisodeStore, make: Any) -> None:
    episode_id = make.record(store).episode_id
    for start, stop in [(-1, 2), (0, 5), (3, 2)]:
        with pytest.raises(StoreError, match="has frames 0 to 4"):
            store.read_frames(episode_id, start, stop)
    with pytest.raises(StoreError, match="no plan 0"):
        store.read_plan(episode_id, 0)
    with pytest.raises(StoreError, match="no episode"):
        store.read_steps("20200101T000000000000Z-00000000")


@pytest.mark.parametrize("name", ["frames.zip", "steps.parquet", "plans.zip", "meta.json"])
@pytest.mark.parametrize("damage", ["gone", "empty", "cut", "flipped"])
def test_a_damaged_episode_is_named_and_the_others_still_read(
    store: EpisodeStore, make: Any, name: str, damage: str
) -> None:
    whole = make.record(store)
    with store.begin(make.header()) as writer:
        writer.add_plan(make.plan())
        writer.add_observation(make.observation(0), None, None)
        writer.finish(Outcome.COMPLETED)
    _damage(store.root / writer.episode_id / name, damage)
    (store.root / "index.parquet").unlink(missing_ok=True)
    again = EpisodeStore(store.root)
    reads: list[Callable[[str], object]] = [
        again.read_frames,
        again.read_steps,
        lambda episode_id: again.read_plan(episode_id, 0),
    ]
    failures = 0
    again.read_frames(whole.episode_id)
    for read in reads:
        try:
            read(writer.episode_id)
        except StoreError as error:
            failures += 1
            assert writer.episode_id in str(error)
    assert failures == (3 if name == "meta.json" else 1)
    assert whole in again.episodes()


def _damage(path: Path, damage: str) -> None:
    data = path.read_bytes()
    if damage == "gone":
        path.unlink()
    elif damage == "flipped" and path.suffix == ".zip":
        with zipfile.ZipFile(path) as archive:
            middle = archive.infolist()[-1].header_offset + 60
        path.write_bytes(data[:middle] + bytes([data[middle] ^ 255]) + data[middle + 1 :])
    else:
        kept = {"empty": 0, "cut": len(data) // 2, "flipped": 4}[damage]
        path.write_bytes(data[:kept] + (b"\xff" * 60 if damage == "flipped" else b""))


def test_frames_of_another_size_than_the_meta_says_are_damage(store: EpisodeStore, make: Any) -> None:
    episode_id = make.record(store).episode_id
    path = store.root / episode_id / "meta.json"
    meta = json.loads(path.read_bytes())
    path.write_text(json.dumps({**meta, "image_shape": [13, 16]}))
    (store.root / "index.parquet").unlink(missing_ok=True)
    again = EpisodeStore(store.root)
    with pytest.raises(StoreError, match="expected 13x16"):
        again.read_frames(episode_id)


def test_steps_that_do_not_match_the_frames_are_damage(store: EpisodeStore, make: Any) -> None:
    short, long = make.record(store, frames=2), make.record(store, frames=4)
    steps = (store.root / short.episode_id / "steps.parquet").read_bytes()
    (store.root / long.episode_id / "steps.parquet").write_bytes(steps)
    with pytest.raises(StoreError, match="2 rows for 4 frames"):
        store.read_steps(long.episode_id)


def test_folders_that_are_no_stores_are_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for path in [tmp_path, tmp_path / "file", tmp_path / "file" / "below"]:
        with pytest.raises(StoreError):
            EpisodeStore(path)
    assert EpisodeStore(tmp_path / "new" / "deep").episodes() == []
    (tmp_path / "empty").mkdir()
    assert EpisodeStore(tmp_path / "empty").episodes() == []


def test_a_copied_store_opens_and_foreign_folders_are_left_alone(
    store: EpisodeStore, make: Any, tmp_path: Path
) -> None:
    meta = make.record(store)
    copy = tmp_path / "copy"
    copy.mkdir()
    (store.root / meta.episode_id).rename(copy / meta.episode_id)
    (copy / "notes").mkdir()
    assert EpisodeStore(copy).episodes() == [meta]
    assert store.episodes() == []


def test_an_episode_of_a_newer_version_is_refused(store: EpisodeStore, make: Any) -> None:
    episode_id = make.record(store).episode_id
    path = store.root / episode_id / "meta.json"
    path.write_text(path.read_text().replace('"schema_version": 1', '"schema_version": 2'))
    with pytest.raises(StoreError, match="newer adapt"):
        EpisodeStore(store.root).meta(episode_id)
