"""A queue of episodes is judged by keys; what is on the disk is what was pressed."""

from __future__ import annotations

import json
import shutil
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from adapt_core.episode_store import EpisodeStore
from adapt_core.types import LabelValue
from adapt_rqt.store_panel import StorePanel
from python_qt_binding.QtCore import QEvent, Qt
from python_qt_binding.QtGui import QKeyEvent
from python_qt_binding.QtTest import QTest
from python_qt_binding.QtWidgets import QApplication, QLineEdit

S, F, U, Z, N = Qt.Key_S, Qt.Key_F, Qt.Key_U, Qt.Key_Z, Qt.Key_N
VALUES = {S: LabelValue.SUCCESS, F: LabelValue.FAILURE, U: LabelValue.UNSURE}


@pytest.fixture
def panels(screen: Any) -> Iterator[Any]:
    """Opens panels, and closes them at the end."""
    opened: list[StorePanel] = []

    def open_panel(store: EpisodeStore, operator: str = "ada") -> StorePanel:
        panel = StorePanel(EpisodeStore(store.root), operator)
        opened.append(panel)
        seen: list[Any] = []
        panel._desk.pending.connect(seen.append)
        panel.widget.resize(1100, 720)
        panel.widget.show()
        panel.widget.setFocus()
        screen.until(lambda: seen and (panel.model.current is None or panel.widget.ready), "the first episode")
        return panel

    yield open_panel
    for panel in opened:
        panel.close()
        panel.widget.deleteLater()


def rows(store: EpisodeStore) -> list[dict[str, str]]:
    path = store.root / "labels.jsonl"
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def said(panel: StorePanel) -> str:
    return str(panel.widget._message.text())


def test_twenty_episodes_are_judged_by_keys_one_undone_one_unsure(
    screen: Any, panels: Any, store: EpisodeStore, make: Any
) -> None:
    episodes = [make.record(store, index, frames=3, plans=0) for index in range(20)]
    panel = panels(store)
    screen.until(lambda: panel.model.waiting == 20, "the whole queue")
    pressed = [S, F, S, S, F, U, S, F, F, S, S, S, F, S, F, F, S, F, S, S]
    for index, key in enumerate(pressed):
        if index == 10:  # the eleventh was a mistake: undone, then judged anew
            screen.press(panel, F)
            screen.press(panel, Z)
            assert store.label_of(episodes[10]) is LabelValue.UNLABELED
            assert panel.model.current.episode_id == episodes[10]
        assert panel.model.waiting == 20 - index
        screen.press(panel, key)
    assert panel.model.current is None
    assert [store.label_of(episode) for episode in episodes] == [VALUES[key] for key in pressed]
    assert {label.operator for label in store.labels().values()} == {"ada"}
    assert len(rows(store)) == 22  # the mistake and its undoing stay in the log
    assert "nothing to label" in panel.widget._queue.text()


def test_nothing_is_labelled_by_time_by_other_keys_or_before_it_is_seen(
    screen: Any, panels: Any, store: EpisodeStore, make: Any
) -> None:
    first, _ = make.record(store, 0), make.record(store, 1)
    panel = panels(store)
    for key in (Qt.Key_A, Qt.Key_Space, Qt.Key_Return, Qt.Key_Tab, Qt.Key_Escape, Qt.Key_Right, Qt.Key_1):
        QTest.keyClick(panel.widget, key)
    QTest.keyClick(panel.widget, S, Qt.ControlModifier)
    held = QKeyEvent(QEvent.KeyPress, S, Qt.NoModifier, "s", autorep=True)
    QApplication.sendEvent(panel.widget, held)
    panel.widget.replay.toggle()
    screen.wait(1.5)  # more than a look at the store, and the replay in its second round
    assert panel.model.current.episode_id == first
    assert rows(store) == []
    panel.model.later()
    QTest.keyClick(panel.widget, S)  # the other one is still being loaded
    assert "look at it first" in said(panel)
    screen.wait(0.3)
    assert rows(store) == []


def test_a_name_is_typed_without_judging_and_without_one_there_is_no_label(
    screen: Any, panels: Any, store: EpisodeStore, make: Any
) -> None:
    make.record(store, 0)
    panel = panels(store, operator="")
    QTest.keyClick(panel.widget, S)
    assert "Who are you" in said(panel)
    name = panel.widget.findChild(QLineEdit)
    QTest.mouseClick(name, Qt.LeftButton)
    QTest.keyClicks(name, "suzuf")
    QTest.keyClick(name, Qt.Key_Return)
    assert rows(store) == []
    screen.press(panel, F)
    assert [(row["value"], row["operator"]) for row in rows(store)] == [("failure", "suzuf")]


def test_put_off_episodes_come_back_unlabeled(screen: Any, panels: Any, store: EpisodeStore, make: Any) -> None:
    episodes = [make.record(store, index) for index in range(3)]
    panel = panels(store)
    screen.until(lambda: panel.model.waiting == 3, "the whole queue")
    seen = []
    for key in (N, S, N, S, S):
        seen.append(panel.model.current.episode_id)
        screen.press(panel, key)
    assert seen == [episodes[0], episodes[1], episodes[2], episodes[0], episodes[2]]


def test_two_operators_judge_one_episode(screen: Any, panels: Any, store: EpisodeStore, make: Any) -> None:
    episode, other = make.record(store, 0), make.record(store, 1)
    ada, ben = panels(store, "ada"), panels(store, "ben")
    screen.press(ben, F)
    assert ben.model.current.episode_id == other
    screen.until(lambda: ada.model.notice, "a word about ben")
    assert "ben said failure" in ada.model.notice
    assert ada.widget._notice.isVisibleTo(ada.widget)
    assert ada.model.current.episode_id == episode  # nothing changes under ada's fingers
    screen.press(ada, S)
    assert "It replaces: ben said failure" in said(ada)
    assert store.label_of(episode) is LabelValue.SUCCESS
    assert [(row["value"], row["operator"]) for row in rows(store)] == [("failure", "ben"), ("success", "ada")]
    screen.until(lambda: ben.model._latest[episode].operator == "ada", "ben's panel to hear of it")
    QTest.keyClick(ben.widget, Z)
    assert "ada said success since" in said(ben)
    assert store.label_of(episode) is LabelValue.SUCCESS


def test_an_episode_that_was_deleted(screen: Any, panels: Any, store: EpisodeStore, make: Any) -> None:
    gone, other = make.record(store, 0), make.record(store, 1)
    panel = panels(store)
    shutil.rmtree(store.root / gone)
    screen.press(panel, S)
    assert f'there is no episode "{gone}"' in said(panel)
    assert rows(store) == []
    screen.until(lambda: "deleted" in panel.model.notice, "a notice")
    screen.press(panel, N)
    screen.press(panel, S)
    assert [row["episode"] for row in rows(store)] == [other]
    assert panel.model.current is None


def test_a_damaged_frame_is_named_and_the_others_are_shown(
    screen: Any, panels: Any, store: EpisodeStore, make: Any
) -> None:
    episode = make.record(store, 0)
    break_frame(store.root / episode / "frames.zip", "000003.png")
    panel = panels(store)
    assert "frame 4 of 9 is damaged" in said(panel)
    replay = panel.widget.replay
    replay.pause()
    assert [replay._real_frames[index] is None for index in range(9)] == [index == 3 for index in range(9)]
    screen.press(panel, U)
    assert store.label_of(episode) is LabelValue.UNSURE


def break_frame(archive: Path, name: str) -> None:
    with zipfile.ZipFile(archive) as whole:
        content = {entry: whole.read(entry) for entry in whole.namelist()}
    content[name] = content[name][:-20]
    with zipfile.ZipFile(archive, "w") as damaged:
        for entry, data in content.items():
            damaged.writestr(entry, data)
