"""Weights are whole or absent, and whatever is wrong with them is found and named."""

from __future__ import annotations

import json
import os
import signal
import struct
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import pytest
from adapt_core.errors import StorageFullError, WeightsError
from adapt_core.weights import WeightsHeader, WeightsRole, WeightsStore

HEADER = WeightsHeader("tiny", WeightsRole.IN_DOMAIN, "v0", "run", 1, {"loss": 0.5})


def tensor_bytes(count: int = 4) -> bytes:
    header = json.dumps({"w": {"dtype": "F32", "shape": [count], "data_offsets": [0, 4 * count]}}).encode()
    return struct.pack("<Q", len(header)) + header + bytes(4 * count)


def fill(folder: Path) -> None:
    (folder / "model.safetensors").write_bytes(tensor_bytes())
    (folder / "config.json").write_text("{}")


def put(content: bytes, folder: Path) -> None:
    (folder / "model.safetensors").write_bytes(content)


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    store = WeightsStore(tmp_path / "weights")
    assert store.versions() == []
    meta = store.write("v1", HEADER, fill)
    assert store.versions() == ["v1"]
    assert "v1" in store
    assert store.verify("v1") == store.meta("v1") == meta
    assert (meta.version, meta.preset, meta.role, meta.parent, meta.iteration) == ("v1", "tiny", "in_domain", "v0", 1)
    assert set(meta.sha256) == {"model.safetensors", "config.json"}
    assert meta.facts == {"loss": 0.5}
    assert sorted(path.name for path in store.path("v1").iterdir()) == ["config.json", "meta.json", "model.safetensors"]


def test_unknown_version_names_close_ones(tmp_path: Path) -> None:
    store = WeightsStore(tmp_path)
    with pytest.raises(WeightsError, match="it has: none"):
        store.path("metaworld-1")
    store.write("metaworld-1", HEADER, fill)
    with pytest.raises(WeightsError, match='did you mean "metaworld-1"'):
        store.verify("metaworld-l")


@pytest.mark.parametrize("name", ["", "../x", ".hidden", "a/b", "a b"])
def test_bad_names_and_existing_versions_are_refused(tmp_path: Path, name: str) -> None:
    store = WeightsStore(tmp_path)
    with pytest.raises(WeightsError, match="version name"):
        store.write(name, HEADER, fill)
    store.write("v1", HEADER, fill)
    with pytest.raises(WeightsError, match="choose another"):
        store.write("v1", HEADER, fill)


def test_version_that_appears_during_the_writing_wins(tmp_path: Path) -> None:
    store = WeightsStore(tmp_path)

    def fill_late(folder: Path) -> None:
        store.write("v1", HEADER, fill)
        fill(folder)

    with pytest.raises(WeightsError, match="meanwhile"):
        store.write("v1", HEADER, fill_late)
    store.verify("v1")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"1234567",
        b"\xff" * 64,
        struct.pack("<Q", 5) + b"[1,2]",
        struct.pack("<Q", 2) + b"{}x",
        tensor_bytes()[:-1],
    ],
)
def test_files_that_are_no_safetensors_are_not_stored(tmp_path: Path, content: bytes) -> None:
    store = WeightsStore(tmp_path)
    with pytest.raises(WeightsError, match=r"model\.safetensors"):
        store.write("v1", HEADER, partial(put, content))
    with pytest.raises(WeightsError, match=r"no \.safetensors"):
        store.write("v1", HEADER, lambda _: None)
    assert store.versions() == []
    assert list(tmp_path.glob(".writing-*")) == []


def test_every_corruption_is_found(tmp_path: Path) -> None:
    store = WeightsStore(tmp_path)
    store.write("v1", HEADER, fill)
    model = tmp_path / "v1" / "model.safetensors"
    whole = model.read_bytes()
    for bad, message in [
        (whole[:-2], "cut off"),
        (whole[:-1] + b"\x01", "hash"),
        (b"\x00" * 20, "header"),
        (None, "missing"),
    ]:
        model.unlink()
        if bad is not None:
            model.write_bytes(bad)
        with pytest.raises(WeightsError, match=message) as caught:
            store.verify("v1")
        assert "delete the folder" in str(caught.value)
        model.write_bytes(whole)
    store.verify("v1")
    (tmp_path / "v1" / "meta.json").write_text("{")
    with pytest.raises(WeightsError, match=r"meta\.json is unreadable"):
        store.verify("v1")


def test_a_failing_writer_leaves_nothing(tmp_path: Path) -> None:
    store = WeightsStore(tmp_path)

    def fail(folder: Path) -> None:
        fill(folder)
        raise RuntimeError("training broke")

    def fill_disk(_: Path) -> None:
        with Path("/dev/full").open("wb", buffering=0) as full:
            full.write(b"x")

    with pytest.raises(RuntimeError):
        store.write("v1", HEADER, fail)
    with pytest.raises(StorageFullError, match="free some"):
        store.write("v1", HEADER, fill_disk)
    assert store.versions() == []
    assert [path.name for path in tmp_path.iterdir()] == [".store.lock"]


def test_leftovers_of_a_killed_writer_go_and_a_living_one_stays(tmp_path: Path) -> None:
    code = (
        "import sys, time, pathlib; sys.path[:0] = sys.argv[2:]\n"
        "from adapt_core.weights import *\n"
        "def write(folder):\n"
        "    (folder / 'model.safetensors').write_bytes(b'half'); (folder / 'started').touch(); time.sleep(60)\n"
        "WeightsStore(sys.argv[1]).write('v1', WeightsHeader('tiny', WeightsRole.PRIOR), write)\n"
    )
    writer = subprocess.Popen([sys.executable, "-c", code, str(tmp_path), *sys.path])
    deadline = time.monotonic() + 20
    while not list(tmp_path.glob(".writing-*/started")):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    WeightsStore(tmp_path)
    assert len(list(tmp_path.glob(".writing-*"))) == 1
    os.kill(writer.pid, signal.SIGKILL)
    writer.wait()
    store = WeightsStore(tmp_path)
    assert list(tmp_path.glob(".writing-*")) == []
    assert store.versions() == []
