"""`adapt export` and `adapt import`."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest
from adapt_core.episode_store import EpisodeStore
from adapt_core.run_folder import RunFolder


@pytest.fixture
def extra() -> None:
    pytest.importorskip("av", reason="needs pip install 'adapt[interchange]'")


@pytest.mark.usefixtures("extra")
def test_a_lerobot_dataset_out_and_in(cli, run: RunFolder, tmp_path: Path) -> None:
    result = cli("export", "lerobot", run.path, "out", "--label", "success")
    assert result.exit_code == 0, result.output
    assert "1 episodes exported to out" in result.output
    result = cli("import", "lerobot", "out", "again/demos")
    assert result.exit_code == 0, result.output
    [meta] = EpisodeStore(tmp_path / "again" / "demos").episodes()
    assert meta.task_id == "drawer-close"
    assert "1 episodes" in cli("episodes", "again", "--demos", "--label", "success").output
    assert cli("export", "lerobot", "again/demos", "store-itself").exit_code == 0


def test_bags(cli, run: RunFolder, tmp_path: Path) -> None:
    pytest.importorskip("rosbags", reason="needs pip install 'adapt[interchange]'")
    result = cli("export", "mcap", run.path, "bags", "--iteration", "0")
    assert result.exit_code == 0, result.output
    assert "2 episodes exported to bags" in result.output
    episodes = EpisodeStore(run.episodes).episodes(iteration=0)
    assert {bag.parent.name for bag in tmp_path.glob("bags/*/*.mcap")} == {meta.episode_id for meta in episodes}


@pytest.mark.usefixtures("extra")
def test_mistakes_are_one_line(cli, run: RunFolder) -> None:
    assert cli("export", "lerobot", run.path, "out").exit_code == 0
    for arguments, message in {
        ("export", "lerobot", run.path, "out"): "out is not an empty folder",
        ("export", "lerobot", run.path, "new", "--task", "nothing"): "no episode to export",
        ("export", "lerobot", run.path, "new", "--demos"): "has no demonstrations",
        ("import", "lerobot", run.path, "new"): "is no LeRobot dataset",
    }.items():
        result = cli(*arguments)
        assert result.exit_code == 1
        assert message in " ".join(result.stderr.split()), result.output
        assert result.stderr.count("Error:") == 1


def test_a_missing_package_is_named(cli, run: RunFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    result = cli("export", "lerobot", run.path, "out")
    assert result.exit_code == 1
    assert "this needs av, rosbags, which is not installed: pip install '.[interchange]'" in " ".join(
        result.stderr.split()
    )
