"""Processes are killed and disks run full; no episode that began is lost."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from adapt_core.episode_store import EpisodeStore
from adapt_core.episode_store.recovery import DIED, QUARANTINE
from adapt_core.errors import StorageFullError, StoreError
from adapt_core.types import LabelValue, Outcome

# For each line of its input a process that records episodes for ever and says on stdout what has been added, so that the
# test knows what must be found after its death.
RECORDER = """
import os, sys, numpy as np
sys.path[:0] = sys.argv[2:]
from conftest import make_header, make_observation, make_plan
from adapt_core.episode_store import EpisodeStore
from adapt_core.types import Outcome

def say(*words): print(*words, flush=True)

def record():
    store = EpisodeStore(sys.argv[1])
    while True:
        with store.begin(make_header()) as writer:
            say("began", writer.episode_id)
            for index in range(6):
                if index == 2:
                    writer.add_plan(make_plan())
                action = None if index == 0 else np.full(8, float(index))
                writer.add_observation(make_observation(index), action, 0 if index > 2 else None)
                say("frame", index)
            writer.finish(Outcome.COMPLETED, success=True)
            say("finished", writer.episode_id)

while sys.stdin.readline():
    victim = os.fork()
    if victim == 0:
        say("pid", os.getpid())
        record()
    os.waitpid(victim, 0)
    say("dead")
"""


class Recorder:
    """A process that records, to be stopped and killed."""

    def __init__(self, root: Path) -> None:
        command = [sys.executable, "-c", RECORDER, str(root), str(Path(__file__).parent), *sys.path]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1)
        self._pid = 0

    def start(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write("go\n")
        self._pid = int(self.say().split()[1])

    def say(self) -> str:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line, "the recorder itself died"
        return line.strip()

    def signal(self, number: signal.Signals) -> None:
        os.kill(self._pid, number)

    def kill(self) -> list[str]:
        """Kill it; what it still said."""
        self.signal(signal.SIGKILL)
        return list(iter(self.say, "dead"))

    def end(self) -> None:
        self._process.communicate()


@pytest.fixture
def recorder(tmp_path: Path) -> Iterator[Recorder]:
    running = Recorder(tmp_path / "store")
    yield running
    running.end()


def test_killed_at_random_points_every_episode_is_there(recorder: Recorder, tmp_path: Path, make: Any) -> None:
    rng = random.Random(0)
    finished: list[str] = []
    partial: dict[str, int] = {}
    for _ in range(8):
        recorder.start()
        spoken = [recorder.say() for _ in range(rng.randrange(20))]
        time.sleep(rng.uniform(0, 0.01))
        for line in spoken + recorder.kill():
            word, rest = line.split()
            if word == "began":
                current = rest
                partial[current] = 0
            elif word == "frame":
                partial[current] = int(rest) + 1
            else:
                del partial[rest]
                finished.append(rest)
    store = EpisodeStore(tmp_path / "store")
    metas = {meta.episode_id: meta for meta in store.episodes()}
    for episode_id in finished:
        assert (metas[episode_id].outcome, metas[episode_id].frames) == (Outcome.COMPLETED, 6)
    for episode_id, frames in partial.items():
        assert metas[episode_id].frames >= frames
        assert metas[episode_id].outcome is Outcome.COMPLETED or metas[episode_id].reason == DIED
    for meta in metas.values():
        expected = [make.observation(i).image for i in range(meta.frames)]
        assert np.array_equal(store.read_frames(meta.episode_id), np.array(expected).reshape(-1, *make.shape, 3))
        assert len(store.read_steps(meta.episode_id).actions) == meta.steps
    assert list(store.root.glob(".recording-*")) == []
    assert len(finished) > 3
    assert len(partial) > 3


def test_a_living_writer_is_never_touched(recorder: Recorder, tmp_path: Path, make: Any) -> None:
    root = tmp_path / "store"
    recorder.start()
    while not recorder.say().startswith("frame"):
        pass
    recorder.signal(signal.SIGSTOP)
    for _ in range(3):
        EpisodeStore(root)
    assert len(list(root.glob(".recording-*"))) == 1
    recorder.signal(signal.SIGCONT)
    for _ in range(8):
        assert recorder.say()
    recorder.kill()
    store = EpisodeStore(root)
    assert all(meta.frames == 6 for meta in store.episodes(outcome=Outcome.COMPLETED))
    mine = store.begin(make.header())
    EpisodeStore(root)
    mine.add_observation(make.observation(0), None, None)
    assert mine.finish(Outcome.COMPLETED).frames == 1


def abandon(store: EpisodeStore, make: Any, frames: int = 3) -> Path:
    """A recording as a killed process leaves it: its folder."""
    writer = store.begin(make.header())
    writer.add_observation(make.observation(0), None, None)
    writer.add_plan(make.plan())
    for index in range(1, frames):
        writer.add_observation(make.observation(index), np.zeros(4), 0)
    [folder] = store.root.glob(".recording-*")
    dead = store.root.parent / folder.name
    shutil.copytree(folder, dead)
    (dead / ".lock").unlink()
    writer.finish(Outcome.COMPLETED)
    shutil.rmtree(store.root / writer.episode_id)
    return dead.rename(folder)


@pytest.mark.parametrize(
    ("spoil", "frames", "plans"),
    [
        (lambda _: None, 3, 1),
        (lambda folder: (folder / "steps.jsonl").write_bytes((folder / "steps.jsonl").read_bytes()[:-5]), 2, 1),
        (lambda folder: (folder / "frames" / "000001.png").write_bytes(b"torn"), 1, 1),
        (lambda folder: (folder / "frames" / "000003.png").write_bytes(b"torn"), 3, 1),
        (lambda folder: (folder / "frames" / "000000.png").unlink(), 0, 1),
        (lambda folder: (folder / "plans" / "0000" / "002.png").unlink(), 3, 0),
        (lambda folder: (folder / "steps.jsonl").unlink(), 0, 1),
        (lambda folder: (folder / "steps.jsonl").write_bytes(b"{}\n"), 0, 1),
        (lambda folder: (folder / "packed").mkdir(), 3, 1),
        (lambda folder: (folder / "result.json").write_bytes(b'{"outcome": "comp'), 3, 1),
    ],
)
def test_what_is_readable_of_a_dead_recording_is_kept(
    store: EpisodeStore, make: Any, spoil: Any, frames: int, plans: int
) -> None:
    spoil(abandon(store, make))
    [meta] = store.recover()
    assert (meta.frames, meta.plans, meta.outcome, meta.reason) == (frames, plans, Outcome.ABORTED, DIED)
    assert store.episodes() == [meta]
    assert len(store.read_frames(meta.episode_id)) == frames
    assert set(store.read_steps(meta.episode_id).plan.tolist()) <= {plans - 1}
    assert list(store.root.glob(".recording-*")) == []


def test_a_result_that_was_reached_survives_the_death_of_its_writer(store: EpisodeStore, make: Any) -> None:
    folder = abandon(store, make)
    (folder / "result.json").write_bytes(b'{"outcome": "completed", "reason": "", "success": true}')
    [meta] = store.recover()
    assert (meta.outcome, meta.success, meta.frames) == (Outcome.COMPLETED, True, 3)


def test_an_episode_stored_just_before_the_death_is_not_stored_twice(store: EpisodeStore, make: Any) -> None:
    folder = abandon(store, make)
    (store.root / folder.name.removeprefix(".recording-")).mkdir()
    assert store.recover() == []
    assert not folder.exists()


@pytest.mark.parametrize("name", ["header.json", "everything", "foreign"])
def test_an_unreadable_recording_is_quarantined_with_its_reason(store: EpisodeStore, make: Any, name: str) -> None:
    folder = abandon(store, make)
    if name == "header.json":
        (folder / name).write_bytes(b"{")
    elif name == "everything":
        shutil.rmtree(folder)
        folder.mkdir()
    else:
        folder.rename(store.root / ".recording-holiday")
    assert store.recover() == []
    [moved] = (store.root / QUARANTINE).iterdir()
    assert (moved / "reason.txt").read_text().strip()
    assert store.episodes() == []
    assert list(store.root.glob(".recording-*")) == []


def fill(disk: Path) -> Path:
    """Use up all space that is left; the file that does."""
    ballast = disk / ".ballast"
    with ballast.open("wb", buffering=0) as file:
        for size in (4096, 1):
            try:
                while True:
                    file.write(bytes(size))
            except OSError:
                continue
    return ballast


def test_a_disk_that_fills_up_while_recording(small_disk: Path, make: Any) -> None:
    store = EpisodeStore(small_disk)
    whole = make.record(store)
    with pytest.raises(StorageFullError, match="free some"), store.begin(make.header()) as writer:
        writer.add_observation(make.observation(0), None, None)
        writer.add_observation(make.observation(1, success=True), np.zeros(4), None)
        ballast = fill(small_disk)
        for index in range(2, 400):
            writer.add_observation(make.observation(index), np.zeros(4), None)
    again = EpisodeStore(small_disk)  # opens, though it cannot recover now
    assert again.episodes() == [whole]
    assert np.array_equal(again.read_frames(whole.episode_id)[0], make.observation(0).image)
    with pytest.raises(StorageFullError):
        again.begin(make.header())
    assert len(list(small_disk.glob(".recording-*"))) == 1
    with pytest.raises(StorageFullError):
        again.label(whole.episode_id, LabelValue.SUCCESS, "ann")
    with pytest.raises(StorageFullError):
        again.recover()
    ballast.unlink()
    recovered = again.recover()
    kept = [meta for meta in recovered if meta.episode_id == writer.episode_id]
    assert [(meta.outcome, meta.success) for meta in kept] == [(Outcome.ABORTED, True)]
    assert kept[0].frames >= 2
    assert np.array_equal(again.read_frames(writer.episode_id, 1, 2)[0], make.observation(1).image)
    again.label(whole.episode_id, LabelValue.SUCCESS, "ann")
    assert EpisodeStore(small_disk).label_of(whole.episode_id) is LabelValue.SUCCESS


def test_a_disk_that_is_full_when_the_episode_ends(small_disk: Path, make: Any) -> None:
    store = EpisodeStore(small_disk)
    with store.begin(make.header()) as writer:
        for index in range(30):
            writer.add_observation(make.observation(index), None if index == 0 else np.zeros(4), None)
        ballast = fill(small_disk)
        with ballast.open("r+b") as file:  # space for the result, not for the packed episode
            file.truncate(ballast.stat().st_size - 4096)
        with pytest.raises(StorageFullError):
            writer.finish(Outcome.COMPLETED, success=True)
    assert store.episodes() == []
    ballast.unlink()
    [meta] = EpisodeStore(small_disk).episodes()
    assert (meta.outcome, meta.success, meta.frames) == (Outcome.COMPLETED, True, 30)


def test_the_writer_goes_on_after_space_was_freed(small_disk: Path, make: Any) -> None:
    store = EpisodeStore(small_disk)
    with store.begin(make.header()) as writer:
        writer.add_observation(make.observation(0), None, None)
        ballast = fill(small_disk)
        added = 1
        with pytest.raises(StorageFullError):
            while True:
                writer.add_observation(make.observation(added), np.zeros(400), None)
                added += 1
        ballast.unlink()
        writer.add_observation(make.observation(added), np.zeros(400), None)
        meta = writer.finish(Outcome.COMPLETED)
    assert meta.frames == added + 1
    assert np.array_equal(store.read_frames(meta.episode_id)[-1], make.observation(added).image)


def test_a_full_disk_is_named_without_a_disk_of_its_own(store: EpisodeStore, make: Any, disk: Any) -> None:
    """The same promise by a limit on file sizes, which needs no rights."""
    with pytest.raises(StorageFullError), store.begin(make.header()) as writer:
        writer.add_observation(make.observation(0), None, None)
        disk.fill()
        try:
            writer.add_observation(make.observation(1), np.zeros(4), None)
        finally:
            disk.free()
    assert store.meta(writer.episode_id).frames == 1
    assert store.meta(writer.episode_id).reason.startswith("StorageFullError")


def test_half_a_row_is_taken_back(store: EpisodeStore, make: Any, disk: Any) -> None:
    with store.begin(make.header()) as writer:
        writer.add_observation(make.observation(0), None, None)
        disk.fill(2000)  # enough for the image
        with pytest.raises(StorageFullError):
            writer.add_observation(make.observation(1), np.full(1000, np.pi), None)
        disk.free()
        writer.add_observation(make.observation(2), np.full(1000, np.pi), None)
        assert writer.finish(Outcome.COMPLETED).frames == 2
    assert np.array_equal(store.read_frames(writer.episode_id)[1], make.observation(2).image)


def test_a_recording_whose_folder_vanishes_does_not_hide_the_error(store: EpisodeStore, make: Any) -> None:
    with pytest.raises(RuntimeError, match="first"), store.begin(make.header()):
        shutil.rmtree(next(store.root.glob(".recording-*")))
        raise RuntimeError("first")
    with pytest.raises(StoreError, match="no readable header"), store.begin(make.header()):
        shutil.rmtree(next(store.root.glob(".recording-*")))
