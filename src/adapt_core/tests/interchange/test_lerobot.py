"""Out of the store into a LeRobotDataset v3.0 and back."""

from __future__ import annotations

import json
import shutil
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from adapt_core.episode_store import EpisodeStore
from adapt_core.errors import StorageFullError, StoreError
from adapt_core.types import ActionSpace, LabelValue, Outcome

pytest.importorskip("av", reason="needs pip install 'adapt[interchange]'")
from adapt_core.interchange.lerobot import Judgement, export_lerobot, import_lerobot
from adapt_core.interchange.lerobot import data_files as data_files_module
from adapt_core.interchange.lerobot.statistics import histogram, image_statistics, vector_statistics

AGAIN = ("episode_id", "started_at", "plans")  # what another id and a format without plans change


def exported(store: EpisodeStore, target: Path, lossless: bool = False) -> Path:
    export_lerobot(store, store.episodes(), target, lossless)
    return target


@pytest.mark.parametrize(("lossless", "loss_db"), [(False, 35.0), (True, 100.0)])
def test_a_round_trip_keeps_all_but_plans(
    store: EpisodeStore, tmp_path: Path, make: Any, lossless: bool, loss_db: float
) -> None:
    assert import_lerobot(exported(store, tmp_path / "out", lossless), tmp_path / "again") == 3
    again = EpisodeStore(tmp_path / "again")
    for before, after in zip(store.episodes(), again.episodes(), strict=True):
        assert {k: v for k, v in asdict(before).items() if k not in AGAIN} == {
            k: v for k, v in asdict(after).items() if k not in AGAIN
        }
        assert make.psnr(store.read_frames(before.episode_id), again.read_frames(after.episode_id)) > loss_db
        one, two = store.read_steps(before.episode_id), again.read_steps(after.episode_id)
        assert np.array_equal(one.actions.astype(np.float32), two.actions)
        assert np.array_equal(one.end_effector.astype(np.float32), two.end_effector)
        assert np.array_equal(one.stamps_s, two.stamps_s)
        assert np.array_equal(one.control_steps, two.control_steps)
        assert np.array_equal(one.success, two.success)
    labels = [(label.value, label.operator) for label in again.labels().values()]
    assert sorted(labels) == [(LabelValue.FAILURE, "grace"), (LabelValue.SUCCESS, "ada")]


def test_files_are_ended_when_large(
    store: EpisodeStore, tmp_path: Path, make: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(data_files_module, "VIDEO_FILE_MB", 1e-6)
    monkeypatch.setattr(data_files_module, "DATA_FILE_MB", 1e-6)
    out = exported(store, tmp_path / "out")
    assert len(list(out.glob("videos/*/chunk-000/*.mp4"))) == len(list(out.glob("data/chunk-000/*.parquet"))) == 3
    import_lerobot(out, tmp_path / "again")
    again = EpisodeStore(tmp_path / "again")
    last = [s.read_frames(s.episodes()[-1].episode_id) for s in (store, again)]
    assert make.psnr(*last) > 35


def test_what_others_read(store: EpisodeStore, tmp_path: Path) -> None:
    out = exported(store, tmp_path / "out")
    info = json.loads((out / "meta/info.json").read_text())
    assert (info["total_episodes"], info["total_frames"], info["total_tasks"], info["fps"]) == (3, 18, 2, 10)
    data = pq.read_table(out / "data/chunk-000/file-000.parquet").to_pydict()
    assert data["index"] == list(range(18))
    assert data["episode_index"] == [0] * 9 + [1] * 6 + [2] * 3
    assert data["task_index"] == [0] * 9 + [1] * 6 + [0] * 3
    assert data["action"][8] == data["action"][7], "the last frame repeats the action before it"
    tasks = pq.read_table(out / "meta/tasks.parquet")
    assert tasks.to_pydict() == {"task_index": [0, 1], "task": ["drawer close", "door open"]}
    assert json.loads(tasks.schema.metadata[b"pandas"])["index_columns"] == ["task"]
    rows = pq.read_table(out / "meta/episodes/chunk-000/file-000.parquet").to_pylist()
    assert [row["dataset_to_index"] for row in rows] == [9, 15, 18]
    assert rows[1]["videos/observation.images.camera/from_timestamp"] == 0.9
    statistics = json.loads((out / "meta/stats.json").read_text())
    assert np.allclose(statistics["action"]["mean"], np.mean(data["action"], axis=0))
    assert statistics["observation.images.camera"]["count"] == [18]


def test_statistics() -> None:
    values = np.random.default_rng(0).normal(size=(1000, 2))
    found = vector_statistics(values)
    assert np.allclose(found["std"], values.std(axis=0))
    assert np.allclose(found["q90"], np.quantile(values, 0.9, axis=0))
    images = np.random.default_rng(0).integers(10, 200, (5, 8, 9, 3), np.uint8)
    of_images = image_statistics(histogram(images), 5)
    pixels = images.reshape(-1, 3) / 255
    for name, value in {
        "min": pixels.min(0), "max": pixels.max(0), "mean": pixels.mean(0), "std": pixels.std(0),
        "q10": np.quantile(pixels, 0.1, axis=0, method="inverted_cdf"),
    }.items():  # fmt: skip
        assert np.shape(of_images[name]) == (3, 1, 1)
        assert np.allclose(np.ravel(of_images[name]), value), name


def foreign(dataset: Path) -> Path:
    """`dataset` as another might have written it: none of our columns, its own names, two cameras declared."""
    path = dataset / "meta/episodes/chunk-000/file-000.parquet"
    table = pq.read_table(path)
    pq.write_table(table.drop_columns([name for name in table.column_names if name.startswith("adapt/")]), path)
    info = json.loads((dataset / "meta/info.json").read_text())
    for name in [name for name in info["features"] if name.startswith("adapt.")]:
        del info["features"][name]
    info["features"]["action"]["names"] = info["features"]["observation.state"]["names"] = None
    info["features"]["observation.images.wrist"] = info["features"]["observation.images.camera"]
    info["robot_type"] = "so101"
    (dataset / "meta/info.json").write_text(json.dumps(info))
    return dataset


def test_a_dataset_of_somebody_else(store: EpisodeStore, tmp_path: Path) -> None:
    dataset = foreign(exported(store, tmp_path / "theirs"))
    with pytest.raises(StoreError, match=r"several cameras.*images\.camera, .*images\.wrist"):
        import_lerobot(dataset, tmp_path / "none")
    judged = Judgement(LabelValue.SUCCESS, "ada")
    import_lerobot(dataset, tmp_path / "taken", "observation.images.camera", size=16, judgement=judged)
    taken = EpisodeStore(tmp_path / "taken")
    first = taken.episodes()[0]
    assert first.image_shape == (16, 16)
    middle = store.read_frames(store.episodes()[0].episode_id)[:, :, 8:56].mean(axis=(1, 2))
    assert np.allclose(taken.read_frames(first.episode_id).mean(axis=(1, 2)), middle, atol=2)
    assert (first.task_id, first.prior_prompt, first.robot) == ("drawer-close", "drawer close", "so101")
    assert (first.action_space, first.outcome, first.success) == (ActionSpace.RAW, Outcome.COMPLETED, None)
    assert taken.label_of(first.episode_id) is LabelValue.SUCCESS
    steps = taken.read_steps(first.episode_id)
    assert steps.end_effector is None
    assert np.allclose(steps.stamps_s, 0.1 * np.arange(9))


def test_a_folder_with_content_is_left_alone(store: EpisodeStore, tmp_path: Path) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "thesis.tex").write_text("years of work")
    dataset = exported(store, tmp_path / "out")
    refusal = r"full is not an empty folder: name another one"
    with pytest.raises(StoreError, match=refusal):
        exported(store, tmp_path / "full")
    with pytest.raises(StoreError, match=refusal):
        import_lerobot(dataset, tmp_path / "full")
    assert [path.name for path in (tmp_path / "full").iterdir()] == ["thesis.tex"]


@pytest.mark.parametrize("lossless", [False, True])
@pytest.mark.parametrize("room", [100, 3_000, 8_000])
def test_a_disk_that_fills_leaves_nothing_half_written(
    store: EpisodeStore, tmp_path: Path, disk: Any, lossless: bool, room: int
) -> None:
    disk.fill(room)
    with pytest.raises(StorageFullError, match=r"no space left while writing .*out: free some and try again"):
        exported(store, tmp_path / "out", lossless)
    disk.free()
    assert [path.name for path in tmp_path.iterdir()] == ["episodes"]
    exported(store, tmp_path / "out", lossless)


def test_a_disk_that_fills_during_an_import(store: EpisodeStore, tmp_path: Path, disk: Any) -> None:
    exported(store, tmp_path / "out")
    disk.fill(2_000)
    with pytest.raises(StorageFullError):
        import_lerobot(tmp_path / "out", tmp_path / "again")
    disk.free()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["episodes", "out"]


def test_a_corrupt_frame_is_named(store: EpisodeStore, tmp_path: Path) -> None:
    victim = store.episodes()[1].episode_id
    frames = store.root / victim / "frames.zip"
    data = bytearray(frames.read_bytes())
    data[len(data) // 2] ^= 0xFF
    frames.write_bytes(data)
    with pytest.raises(StoreError, match=f"episode {victim} is damaged .* move its folder out of the store"):
        exported(store, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_corrupt_dataset_is_named(store: EpisodeStore, tmp_path: Path) -> None:
    dataset = exported(store, tmp_path / "out")
    [video] = dataset.glob("videos/*/*/*.mp4")
    for path, size in ((video, 3000), (next(dataset.glob("data/*/*")), 500), (dataset / "meta/info.json", 40)):
        broken = tmp_path / "broken"
        shutil.copytree(dataset, broken)
        (broken / path.relative_to(dataset)).write_bytes(path.read_bytes()[:size])
        with pytest.raises(StoreError, match=r"fetch (it|the dataset) again"):
            import_lerobot(broken, tmp_path / "again")
        assert not (tmp_path / "again").exists()
        shutil.rmtree(broken)


def test_other_versions_and_no_dataset_are_refused(store: EpisodeStore, tmp_path: Path) -> None:
    dataset = exported(store, tmp_path / "out")
    info = dataset / "meta/info.json"
    info.write_text(info.read_text().replace('"v3.0"', '"v2.1"'))
    with pytest.raises(StoreError, match=r"version v2\.1; this reads v3\.0: convert it"):
        import_lerobot(dataset, tmp_path / "again")
    with pytest.raises(StoreError, match="is no LeRobot dataset"):
        import_lerobot(tmp_path / "episodes", tmp_path / "again")


def test_episodes_of_several_shapes_and_none_are_refused(store: EpisodeStore, tmp_path: Path, make: Any) -> None:
    odd = make.record(store, seed=9, image_shape=(31, 33))
    with pytest.raises(StoreError, match="do not fit into one dataset"):
        exported(store, tmp_path / "out")
    assert export_lerobot(store, [odd], tmp_path / "out") == 1, "odd sides are no obstacle"
    empty = make.record(store, frames=1, seed=10)
    with pytest.raises(StoreError, match="there is no episode to export"):
        export_lerobot(store, [empty], tmp_path / "none")


def test_worlds_without_poses(tmp_path: Path, make: Any) -> None:
    store = EpisodeStore(tmp_path / "episodes")
    make.record(store, poses=False, action_space=ActionSpace.RAW)
    import_lerobot(exported(store, tmp_path / "out"), tmp_path / "again")
    again = EpisodeStore(tmp_path / "again")
    assert again.read_steps(again.episodes()[0].episode_id).end_effector is None
    assert "observation.state" not in pa.parquet.read_schema(tmp_path / "out/data/chunk-000/file-000.parquet").names
