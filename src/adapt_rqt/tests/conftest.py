"""What the tests of the panel share: a screen that nobody sees, and episodes to judge."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

os.environ["QT_QPA_PLATFORM"] = "offscreen"
os.environ.setdefault("XDG_RUNTIME_DIR", "/tmp")

pytest.importorskip("python_qt_binding.QtWidgets", reason="needs Qt: pip install 'adapt[panel]' -c constraints.txt")

from adapt_core.episode_store import EpisodeHeader, EpisodeStore
from adapt_core.types import ActionSpace, ControlLoop, Observation, Outcome, VideoPlan
from python_qt_binding.QtTest import QTest
from python_qt_binding.QtWidgets import QApplication

PATIENCE_S = 30.0
SIZE = 48
STEPS = 8


class Screen:
    """Qt's events are handled while it waits."""

    def until(self, condition: Callable[[], Any], what: str) -> Any:
        """Wait until `condition` gives something true and return it."""
        deadline = time.monotonic() + PATIENCE_S
        while not (value := condition()):
            assert time.monotonic() < deadline, f"waited {PATIENCE_S:g} s in vain for {what}"
            QTest.qWait(5)
        return value

    def wait(self, seconds: float) -> None:
        """Let things happen."""
        QTest.qWait(int(1000 * seconds))

    def press(self, panel: Any, key: int) -> None:
        """Press a key once the episode is on the screen and the last label is on the disk; wait for the new one."""
        model = panel.model
        self.until(
            lambda: not model.saving and (model.current is None or panel.widget.ready), "the episode to be shown"
        )
        QTest.keyClick(panel.widget, key)
        self.until(lambda: not model.saving, "the label to be kept")


@pytest.fixture(scope="session")
def application() -> QApplication:
    return QApplication.instance() or QApplication([])


@pytest.fixture
def screen(application: QApplication, monkeypatch: pytest.MonkeyPatch) -> Iterator[Screen]:
    """What is raised where Qt calls Python fails the test; by default Qt would end the process."""
    raised: list[BaseException] = []
    monkeypatch.setattr(sys, "excepthook", lambda _kind, error, _traceback: raised.append(error))
    yield Screen()
    QTest.qWait(0)
    if raised:
        raise raised[0]


def picture(step: float) -> np.ndarray:
    """A square that has moved `step` steps to the right."""
    image = np.full((SIZE, SIZE, 3), 190, np.uint8)
    left = int(2 + 4 * step)
    image[16:30, left : left + 14] = (200, 60, 40)
    return image


def record(store: EpisodeStore, index: int, frames: int = STEPS + 1, plans: int = 2, **changes: Any) -> str:
    """An episode of two plans of eight frames, four of each executed."""
    header = EpisodeHeader(**{
        "run_id": "run", "iteration": 1, "index": index, "robot": "metaworld", "suite": "metaworld",
        "task_id": "drawer-close", "in_domain_prompt": "drawer close", "prior_prompt": "a robot arm closing a drawer",
        "novel": True, "seed": index, "method": "ipa", "weights_version": "run-001", "inverse_dynamics_version": "one",
        "code_version": "one", "control_loop": ControlLoop.SEMI_OPEN, "action_space": ActionSpace.END_EFFECTOR,
        "frame_skip": 4, "image_shape": (SIZE, SIZE), **changes,
    })  # fmt: skip
    with store.begin(header) as writer:
        plan = None
        for step in range(frames):
            action = None if step == 0 else np.full(8, 0.1)
            writer.add_observation(Observation(picture(step), np.zeros(8), 0.05 * step, 4 * step), action, plan)
            if plans and step % 4 == 0 and step < frames - 1:
                imagined = np.stack([picture(step + ahead) for ahead in range(1, 9)])
                plan = writer.add_plan(VideoPlan(imagined, "drawer close", "closing", step, "run-001", 0.05 * step))
        writer.finish(Outcome.COMPLETED)
    return writer.episode_id


@pytest.fixture
def store(tmp_path: Path) -> EpisodeStore:
    return EpisodeStore(tmp_path.resolve() / "run" / "episodes")


def plan() -> VideoPlan:
    return VideoPlan(np.stack([picture(step) for step in range(1, 9)]), "drawer close", "closing", 1, "run-001")


class Make:
    """Helpers for tests."""

    record = staticmethod(record)
    picture = staticmethod(picture)
    plan = staticmethod(plan)


@pytest.fixture
def make() -> Make:
    return Make()
