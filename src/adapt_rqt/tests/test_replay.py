"""The replay: what was imagined for an instant stands beside what happened then."""

from __future__ import annotations

from typing import Any

import numpy as np
from adapt_core.episode_store import EpisodeStore
from adapt_rqt.replay import load_replay
from adapt_rqt.replay_view import ReplayView


def test_imagined_frames_stand_beside_the_real_ones_of_their_instant(store: EpisodeStore, make: Any) -> None:
    replay = load_replay(store, make.record(store, 0))
    assert len(replay.real) == len(replay.imagined) == 9
    assert replay.imagined[0] is None  # the first plan starts from it
    for index in range(1, 9):  # this world does what was imagined, the second plan from frame 4 on
        assert np.array_equal(replay.imagined[index], replay.real[index]), index
    assert abs(replay.frame_s - 0.05) < 1e-9


def test_an_episode_without_plans_has_nothing_imagined(store: EpisodeStore, make: Any) -> None:
    replay = load_replay(store, make.record(store, 0, plans=0))
    assert replay.imagined == [None] * 9


def test_it_loops_pauses_and_is_scrubbed(screen: Any, store: EpisodeStore, make: Any) -> None:
    view = ReplayView()
    view.play(load_replay(store, make.record(store, 0, frames=3)))
    assert view.playing
    screen.until(lambda: view.frame == 2, "the last frame")
    screen.until(lambda: view.frame == 0, "the beginning again")
    view.pause()
    view.step(2)
    assert (view.frame, view.playing) == (2, False)
    view.step(1)
    assert view.frame == 2
    view.clear("")
    assert not view.playing
