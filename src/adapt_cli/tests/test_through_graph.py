"""The commands through a graph of real ROS processes, with models that cost nothing."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from adapt_core.episode_store import EpisodeStore

pytestmark = [pytest.mark.ros, pytest.mark.usefixtures("short_episodes", "own_domain"), pytest.mark.timeout(300)]


@pytest.fixture
def own_domain(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A ROS domain that nobody else on this machine uses."""
    coordinator = pytest.importorskip("domain_coordinator")
    pytest.importorskip("rclpy")
    pytest.importorskip("adapt_interfaces")
    with coordinator.domain_id() as domain_id:
        monkeypatch.setenv("ROS_DOMAIN_ID", str(domain_id))
        monkeypatch.setenv("ROS_AUTOMATIC_DISCOVERY_RANGE", "LOCALHOST")
        yield


def test_sail_brings_a_graph_up_runs_and_reports(cli) -> None:
    options = ("--iterations", "1", "--episodes", "1", "--finetune-steps", "2", "--initial-data", "empty")
    command = ("sail", "drawer-close", "--up", "--preset", "fake", "--run", "runs/g", "--control-loop", "closed")
    result = cli(*command, "--filter", "none", *options)
    assert result.exit_code == 0, result.output
    metas = EpisodeStore("runs/g/episodes").episodes(run_id="g")
    assert [(meta.outcome, meta.control_loop) for meta in metas][-1:] == [("completed", "closed")]
    [iteration] = json.loads(Path("runs/g/report/summary.json").read_text())["iterations"]
    assert (iteration["index"], iteration["episodes"], iteration["weights_version"]) == (0, 1, "fake-embedded")
    assert len(list(Path("runs/g/log").glob("*.log"))) >= 9
