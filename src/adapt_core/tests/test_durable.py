"""Folders that are there whole or not at all."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from adapt_core.durable import new_folder
from adapt_core.errors import StoreError

DIES = """
import os, signal, sys
from pathlib import Path
from adapt_core.durable import new_folder
with new_folder(Path(sys.argv[1])) as folder:
    (folder / "half").write_bytes(bytes(1000))
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_what_a_killed_writer_left_is_removed_by_the_next(tmp_path: Path) -> None:
    done = subprocess.run([sys.executable, "-c", DIES, str(tmp_path / "made")], check=False)
    assert done.returncode == -9
    assert not (tmp_path / "made").exists()
    assert len(list(tmp_path.glob(".made.writing-*"))) == 1
    with new_folder(tmp_path / "made") as folder:
        (folder / "whole").touch()
    assert [path.relative_to(tmp_path) for path in tmp_path.rglob("*")] == [Path("made"), Path("made/whole")]


def test_a_living_writer_is_not_disturbed(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="is not an empty folder"), new_folder(tmp_path / "made") as folder:
        with new_folder(tmp_path / "made") as faster:
            (faster / "theirs").touch()
        assert folder.is_dir()
        (folder / "mine").touch()
    assert [path.relative_to(tmp_path) for path in tmp_path.rglob("*")] == [Path("made"), Path("made/theirs")]


def test_an_empty_folder_is_taken(tmp_path: Path) -> None:
    (tmp_path / "made").mkdir()
    with new_folder(tmp_path / "made") as folder:
        (folder / "mine").touch()
    assert (tmp_path / "made" / "mine").exists()


def test_an_error_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(KeyError), new_folder(tmp_path / "made"):
        raise KeyError
    assert not list(tmp_path.iterdir())
