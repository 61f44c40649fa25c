"""Help that can be read, and one clear line for each mistake."""

from __future__ import annotations

from pathlib import Path

import pytest
from adapt_core.run_folder import RunFolder

COMMANDS = (
    *("demo", "doctor", "up", "run", "sail", "demos", "label", "episodes", "report", "evaluate", "models", "train"),
    *("bench", "export", "import", "watch", "approve", "stop", "reset-stop", "recover"),
)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(cli, command: str) -> None:
    result = cli(command, "--help")
    assert result.exit_code == 0, result.output
    assert "Usage:" in result.output
    if command not in ("demo", "doctor", "train", "export", "import"):
        assert f"adapt {command}" in result.output, "an example"


def test_main_help_lists_all_commands_in_one_line_each(cli) -> None:
    result = cli("--help")
    assert all(f" {command} " in result.output for command in COMMANDS)


def error_of(result) -> str:
    """The error line, once it is clear that it is one and that it is no traceback."""
    assert result.exit_code == 1, result.output
    assert "Traceback" not in result.output
    assert result.stderr.count("Error:") == 1
    return " ".join(result.stderr.split("Error:")[1].split())


def test_unknown_task_names_the_close_one(cli) -> None:
    assert 'did you mean "drawer-close"' in error_of(cli("run", "drawer-clos", "--in-process"))


def test_unknown_robot_names_those_there_are(cli) -> None:
    assert "metaworld" in error_of(cli("sail", "drawer-close", "--robot", "metawrld", "--in-process"))


def test_unknown_key_names_the_close_one(cli) -> None:
    error = error_of(cli("sail", "drawer-close", "--in-process", "--set", "finetune.step=3"))
    assert "finetune.step" in error
    assert 'did you mean "steps"' in error


def test_bad_value_names_the_key(cli) -> None:
    assert "finetune.steps" in error_of(cli("sail", "drawer-close", "--in-process", "--set", "finetune.steps=many"))


def test_missing_run_folder_names_the_close_one(cli, run: RunFolder) -> None:
    assert 'did you mean "mine"' in error_of(cli("report", run.path.parent / "mien"))


def test_run_folder_without_episodes(cli, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert "no episodes yet" in error_of(cli("report", "empty"))


def test_initial_data_that_is_not_there(cli) -> None:
    assert "no such folder" in error_of(cli("sail", "drawer-close", "--in-process", "--initial-data", "nowhere"))


def test_unknown_preset(cli) -> None:
    assert "tiny" in error_of(cli("run", "drawer-close", "--in-process", "--preset", "tinny"))


def test_in_process_excludes_a_graph(cli) -> None:
    assert "--in-process needs no graph" in error_of(cli("run", "drawer-close", "--in-process", "--up"))


def test_corrupt_weights_are_named(cli, weights: Path) -> None:
    codec = weights / "codec.safetensors"
    codec.write_bytes(codec.read_bytes()[:1000])
    assert str(codec) in error_of(cli("run", "drawer-close", "--in-process", "--preset", "test"))


def test_missing_weights_are_named(cli, weights: Path) -> None:
    (weights / "prior.safetensors").unlink()
    assert "prior.safetensors" in error_of(cli("run", "drawer-close", "--in-process", "--preset", "test"))


def test_without_ros_the_graph_commands_say_what_to_do(cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("adapt_cli.ros_there._there", lambda module: False)
    for command in (("run", "drawer-close"), ("sail", "drawer-close", "--up"), ("up", "metaworld")):
        assert "--in-process" in error_of(cli(*command))


@pytest.mark.ros
def test_no_graph_running(cli, monkeypatch: pytest.MonkeyPatch) -> None:
    coordinator = pytest.importorskip("domain_coordinator")
    pytest.importorskip("rclpy")
    pytest.importorskip("adapt_interfaces")
    monkeypatch.setattr("adapt_cli.graph_session.DISCOVERY_S", 1.0)
    with coordinator.domain_id() as domain_id:
        monkeypatch.setenv("ROS_DOMAIN_ID", str(domain_id))
        error = error_of(cli("sail", "drawer-close", "--run", "runs/mine"))
    assert "no graph is running under /metaworld" in error
    assert "adapt up metaworld" in error
    assert "--up" in error


def test_debug_keeps_the_traceback(cli) -> None:
    result = cli("--debug", "run", "drawer-clos", "--in-process")
    assert result.exception is not None
    assert "drawer-clos" in str(result.exception)
