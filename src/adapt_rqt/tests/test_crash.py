"""SIGKILL at random moments: no label that the panel acknowledged is lost."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import time
from typing import Any

import pytest
from adapt_core.episode_store import EpisodeStore

EPISODES = 200
JUDGE = """
import json, os, sys
from adapt_core.episode_store import EpisodeStore
from adapt_rqt.store_panel import StorePanel
from python_qt_binding.QtCore import Qt
from python_qt_binding.QtTest import QTest
from python_qt_binding.QtWidgets import QApplication

application = QApplication([])
panel = StorePanel(EpisodeStore(sys.argv[1]), "ada")
panel._desk.kept.connect(lambda kept: os.write(1, json.dumps([kept.episode_id, kept.value]).encode() + b"\\n"))
panel.widget.show()
keys = [Qt.Key_S, Qt.Key_F, Qt.Key_U]
while True:
    QTest.qWait(1)
    if panel.widget.ready and not panel.model.saving:
        keys.append(keys.pop(0))
        QTest.keyClick(panel.widget, keys[0])
"""


@pytest.mark.timeout(300)
def test_killed_at_random_points_of_200_labels(store: EpisodeStore, make: Any) -> None:
    for index in range(EPISODES):
        make.record(store, index, frames=2, plans=0)
    acknowledged: dict[str, str] = {}
    chance = random.Random(0)
    kills = 0
    while len(store.labels()) < EPISODES:
        acknowledged |= judge_until_killed(store, chance)
        kills += 1
        assert kills < 100, "the panel labels nothing"
    kept = {episode: label.value.value for episode, label in store.labels().items()}
    assert {episode: kept[episode] for episode in acknowledged} == acknowledged
    assert len(acknowledged) >= EPISODES - kills  # at most one was on its way at each kill
    assert kills > 3


def judge_until_killed(store: EpisodeStore, chance: random.Random) -> dict[str, str]:
    """What a panel said it had kept before it was killed."""
    process = subprocess.Popen([sys.executable, "-c", JUDGE, str(store.root)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    waiting = EPISODES - len(store.labels())
    lines = [process.stdout.readline() for _ in range(min(waiting, chance.randint(1, 40)))]
    time.sleep(chance.uniform(0, 0.03))
    process.kill()
    lines += process.stdout.readlines()
    process.wait()
    return dict(json.loads(line) for line in lines if line.endswith("\n"))
