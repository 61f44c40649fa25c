"""`adapt panel` opens a window over a run folder or a graph, or says why it cannot."""

from __future__ import annotations

import pytest
from adapt_core.run_folder import RunFolder


@pytest.fixture
def quits(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A screen that nobody sees, and windows that are closed when they were there for a moment; their titles."""
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    widgets = pytest.importorskip("python_qt_binding.QtWidgets")
    core = pytest.importorskip("python_qt_binding.QtCore")
    application = widgets.QApplication.instance() or widgets.QApplication([])
    seen: list[str] = []

    def close() -> None:
        seen.extend(window.windowTitle() for window in application.topLevelWidgets() if window.isVisible())
        application.quit()

    core.QTimer.singleShot(1500, close)
    return seen


def test_a_run_folder_needs_no_graph(cli, pending_run: RunFolder, quits: list[str]) -> None:
    result = cli("panel", pending_run.path)
    assert result.exit_code == 0, result.output
    assert quits == ["adapt"]
    assert not (pending_run.episodes / "labels.jsonl").exists()


@pytest.mark.ros
def test_it_waits_for_a_graph(cli, quits: list[str]) -> None:
    result = cli("panel", "--namespace", "nobody")
    assert result.exit_code == 0, result.output
    assert quits == ["adapt /nobody"]


def test_no_screen(cli, pending_run: RunFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("python_qt_binding.QtWidgets")
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    result = cli("panel", pending_run.path)
    assert result.exit_code == 1
    assert "there is no screen here" in result.stderr
    assert "adapt label" in result.stderr


def test_a_run_folder_that_does_not_exist(cli, quits: list[str]) -> None:
    result = cli("panel", "runs/none")
    assert result.exit_code == 1
    assert "there is no run folder" in result.stderr
