"""Latents that are encoded once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from adapt_core.errors import StorageFullError, StoreError
from adapt_core.types import Frames
from adapt_learning.codec import Codec, to_images
from adapt_learning.training import latents
from adapt_learning.training.episodes import Episode
from adapt_learning.training.latents import LatentCache, codec_identity

from adapt_learning import tensor_file


def codec(seed: int = 0) -> Codec:
    torch.manual_seed(seed)
    return Codec(2, 8).eval()


def unread() -> Frames:
    raise AssertionError("read again")


def files(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*.safetensors"))


def test_an_episode_is_encoded_once_for_all_processes(tmp_path: Path, episodes: list[Episode]) -> None:
    frames = episodes[0].frames
    first = LatentCache(codec(), tmp_path).of("one", lambda: frames)
    with torch.no_grad():
        torch.testing.assert_close(first.float(), codec().encode(to_images(frames)), rtol=1e-3, atol=1e-3)
    assert torch.equal(LatentCache(codec(), tmp_path).of("one", unread), first)  # as another process would


def test_memory_comes_before_the_disk_and_is_bounded(tmp_path: Path, episodes: list[Episode]) -> None:
    frames = episodes[0].frames
    cache = LatentCache(codec(), tmp_path, kept=2)
    for name in ("one", "two", "one", "three"):  # "two" was used least recently
        cache.of(name, lambda: frames)
    for path in files(tmp_path):
        path.unlink()
    cache.of("one", unread)
    with pytest.raises(AssertionError, match="read again"):
        cache.of("two", unread)


def test_another_codec_has_its_own_latents(tmp_path: Path, episodes: list[Episode]) -> None:
    frames = episodes[0].frames
    mine, other = (LatentCache(codec(seed), tmp_path).of("one", lambda: frames) for seed in (0, 1))
    assert not torch.equal(mine, other)
    assert len(files(tmp_path)) == 2
    assert codec_identity(codec()) == codec_identity(codec()) != codec_identity(codec(1))


def test_a_killed_writer_leaves_no_broken_file(
    tmp_path: Path, episodes: list[Episode], monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(tensors: object, path: Path, facts: object) -> None:
        path.write_bytes(b"half a file")
        raise KeyboardInterrupt

    monkeypatch.setattr(tensor_file, "save_file", die)
    with pytest.raises(KeyboardInterrupt):
        LatentCache(codec(), tmp_path).of("one", lambda: episodes[0].frames)
    assert files(tmp_path) == []
    monkeypatch.undo()
    LatentCache(codec(), tmp_path).of("one", lambda: episodes[0].frames)
    [path] = files(tmp_path)
    path.write_bytes(path.read_bytes()[:-5])  # a disk that lost something
    again = LatentCache(codec(), tmp_path).of("one", lambda: episodes[0].frames)
    assert torch.equal(LatentCache(codec(), tmp_path).of("one", unread), again)


def test_what_goes_wrong_is_named(tmp_path: Path, disk: Any, episodes: list[Episode]) -> None:
    def damaged() -> Frames:
        raise StoreError("episode one is damaged")

    with pytest.raises(StoreError, match="one is damaged"):
        LatentCache(codec(), tmp_path).of("one", damaged)
    disk.fill()
    with pytest.raises(StorageFullError, match="free some"):
        LatentCache(codec(), tmp_path).of("one", lambda: episodes[0].frames)
    disk.free()
    assert files(tmp_path) == []


def test_large_frames_are_encoded_few_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    sizes: list[int] = []
    small = codec()
    encode = small.encode
    monkeypatch.setattr(small, "encode", lambda images: sizes.append(len(images)) or encode(images))
    monkeypatch.setattr(latents, "_PIXELS", 2 * 64 * 64)
    assert latents.encode_frames(small, np.zeros((5, 64, 64, 3), np.uint8)).shape == (5, 2, 8, 8)
    assert sizes == [2, 2, 1]
