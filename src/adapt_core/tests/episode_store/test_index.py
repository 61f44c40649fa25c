"""The index: a cache that saves opening every episode, and never knows better than the episodes."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from adapt_core.episode_store import EpisodeStore
from adapt_core.errors import StoreError
from adapt_core.types import LabelValue


def generate(store: EpisodeStore, make: Any, count: int) -> None:
    """`count` episodes that have nothing but their meta data."""
    template = (store.root / make.record(store).episode_id / "meta.json").read_text()
    meta = json.loads(template)
    for number in range(count - 1):
        meta |= {"episode_id": f"20300101T{number:012}Z-00000000", "index": number}
        folder = store.root / str(meta["episode_id"])
        folder.mkdir()
        (folder / "meta.json").write_text(json.dumps(meta))


@pytest.fixture(scope="module")
def big_root(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    yield tmp_path_factory.mktemp("big")


def test_ten_thousand_episodes_open_without_reading_any(big_root: Path, make: Any, record_property: Any) -> None:
    generate(EpisodeStore(big_root), make, 10_000)
    first = EpisodeStore(big_root)
    assert first._index.metas_read == 10_000
    assert len(first.episodes()) == 10_000
    started = time.perf_counter()
    again = EpisodeStore(big_root)
    record_property("open_s", time.perf_counter() - started)
    assert again._index.metas_read == 0
    started = time.perf_counter()
    assert again.episodes() == first.episodes()
    record_property("query_twice_s", time.perf_counter() - started)
    make.record(again)
    assert len(again.episodes()) == 10_001
    assert again._index.metas_read == 1
    assert EpisodeStore(big_root)._index.metas_read == 1
    assert EpisodeStore(big_root)._index.metas_read == 0


@pytest.mark.parametrize("content", [None, b"", b"PAR1 nonsense", b"other"])
def test_the_cache_is_rebuilt_when_it_is_gone_or_damaged(store: EpisodeStore, make: Any, content: bytes | None) -> None:
    metas = [make.record(store, iteration=i) for i in range(3)]
    path = EpisodeStore(store.root).root / "index.parquet"
    assert path.exists()
    if content is None:
        path.unlink()
    else:
        path.write_bytes(content)
    again = EpisodeStore(store.root)
    assert again._index.metas_read == 3
    assert again.episodes() == metas
    assert EpisodeStore(store.root)._index.metas_read == 0


def test_a_cache_with_other_columns_is_rebuilt(store: EpisodeStore, make: Any) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    meta = make.record(store)
    pq.write_table(pa.table({"episode_id": [meta.episode_id]}), store.root / "index.parquet")
    assert EpisodeStore(store.root).episodes() == [meta]


def test_episodes_that_come_and_go_elsewhere_are_noticed(store: EpisodeStore, make: Any) -> None:
    import shutil

    other = EpisodeStore(store.root)
    meta = make.record(other)
    assert store.meta(meta.episode_id) == meta
    assert store.episodes() == [meta]
    shutil.rmtree(store.root / meta.episode_id)
    with pytest.raises(StoreError, match="no episode"):
        other.label(meta.episode_id, LabelValue.SUCCESS, "ann")
    assert other.episodes() == []
    assert EpisodeStore(store.root).episodes() == []


def test_a_damaged_meta_is_read_once_and_named(store: EpisodeStore, make: Any) -> None:
    episode_id, whole = make.record(store).episode_id, make.record(store)
    (store.root / episode_id / "meta.json").write_text('{"run_id": 3}')
    again = EpisodeStore(store.root)
    for _ in range(3):
        assert again.episodes() == [whole]
    assert again._index.metas_read == 2
    with pytest.raises(StoreError, match=episode_id):
        again.meta(episode_id)


def test_long_runs_save_the_cache_now_and_then(store: EpisodeStore, make: Any) -> None:
    generate(store, make, 100)
    store.episodes()
    assert EpisodeStore(store.root)._index.metas_read == 0


def test_the_cache_is_not_needed_on_a_full_disk(
    store: EpisodeStore, make: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    meta = make.record(store)
    monkeypatch.setattr("adapt_core.episode_store.index.write_whole", full)
    assert EpisodeStore(store.root).episodes() == [meta]


def test_a_store_that_may_only_be_read(small_disk: Path, make: Any) -> None:
    store = EpisodeStore(small_disk)
    meta = make.record(store)
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    again = EpisodeStore(small_disk)
    assert again.episodes() == [meta]
    assert len(again.read_frames(meta.episode_id)) == 4
    assert len(again.read_steps(meta.episode_id).actions) == 3
