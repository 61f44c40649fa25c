"""Labels: appended, undone, torn, written by several at once; none is lost."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest
from adapt_core.episode_store import EpisodeStore
from adapt_core.errors import StorageFullError, StoreError
from adapt_core.types import LabelValue

LABELER = """
import sys
sys.path[:0] = sys.argv[3:]
from adapt_core.episode_store import EpisodeStore
from adapt_core.types import LabelValue
store = EpisodeStore(sys.argv[1])
[meta] = store.episodes()
for number in range(100):
    store.label(meta.episode_id, LabelValue.SUCCESS, f"{sys.argv[2]}-{number}")
"""


def test_the_last_row_wins_and_undo_is_a_row(store: EpisodeStore, make: Any) -> None:
    a, b = make.record(store).episode_id, make.record(store).episode_id
    assert store.labels() == {}
    store.label(a, LabelValue.FAILURE, "ann")
    store.label(a, LabelValue.SUCCESS, "bob")
    label = store.label(b, LabelValue.UNSURE, "ann")
    assert (label.episode, label.value, label.operator) == (b, LabelValue.UNSURE, "ann")
    assert label.time.endswith("+00:00")
    assert store.label_of(a) is LabelValue.SUCCESS
    assert store.pending() == []
    store.label(b, LabelValue.UNLABELED, "ann")
    for reader in (store, EpisodeStore(store.root)):
        assert {episode: label.value for episode, label in reader.labels().items()} == {a: LabelValue.SUCCESS}
        assert [meta.episode_id for meta in reader.pending()] == [b]
    rows = (store.root / "labels.jsonl").read_text().splitlines()
    assert [json.loads(row)["value"] for row in rows] == ["failure", "success", "unsure", "unlabeled"]
    assert set(json.loads(rows[0])) == {"episode", "value", "operator", "time"}


def test_a_label_for_nothing_is_refused(store: EpisodeStore) -> None:
    with pytest.raises(StoreError, match="no episode"):
        store.label("20200101T000000000000Z-00000000", LabelValue.SUCCESS, "ann")
    assert not (store.root / "labels.jsonl").exists()


def test_a_label_written_elsewhere_is_seen(store: EpisodeStore, make: Any) -> None:
    episode_id = make.record(store).episode_id
    assert store.label_of(episode_id) is LabelValue.UNLABELED
    other = EpisodeStore(store.root)
    other.label(episode_id, LabelValue.FAILURE, "ünal")
    assert store.label_of(episode_id) is LabelValue.FAILURE
    assert store.labels()[episode_id].operator == "ünal"
    (store.root / "labels.jsonl").unlink()
    assert store.label_of(episode_id) is LabelValue.UNLABELED


def test_torn_rows_cost_only_themselves(store: EpisodeStore, make: Any) -> None:
    a, b = make.record(store).episode_id, make.record(store).episode_id
    store.label(a, LabelValue.SUCCESS, "ann")
    path = store.root / "labels.jsonl"
    whole = path.read_bytes()
    for cut in [*range(1, len(whole), 9), len(whole) - 1]:
        path.write_bytes(whole + whole[:cut])
        again = EpisodeStore(store.root)
        assert again.label_of(a) is LabelValue.SUCCESS
        again.label(b, LabelValue.FAILURE, "bob")
        for reader in (again, EpisodeStore(store.root)):
            assert {episode: label.value for episode, label in reader.labels().items()} == {
                a: LabelValue.SUCCESS,
                b: LabelValue.FAILURE,
            }


def test_two_processes_at_once_lose_nothing(store: EpisodeStore, make: Any) -> None:
    make.record(store)
    command = [sys.executable, "-c", LABELER, str(store.root)]
    labelers = [subprocess.Popen([*command, name, *sys.path]) for name in ("ann", "bob")]
    assert [labeler.wait(60) for labeler in labelers] == [0, 0]
    rows = [json.loads(row)["operator"] for row in (store.root / "labels.jsonl").read_text().splitlines()]
    for name in ("ann", "bob"):
        assert [row for row in rows if row.startswith(name)] == [f"{name}-{number}" for number in range(100)]


def test_a_label_that_does_not_fit_leaves_no_trace(store: EpisodeStore, make: Any, disk: Any) -> None:
    a = make.record(store).episode_id
    store.label(a, LabelValue.SUCCESS, "ann")
    before = (store.root / "labels.jsonl").read_bytes()
    disk.fill(len(before) + 20)
    with pytest.raises(StorageFullError):
        store.label(a, LabelValue.FAILURE, "ann")
    disk.free()
    assert (store.root / "labels.jsonl").read_bytes() == before
