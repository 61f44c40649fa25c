"""Demonstrations, single episodes, the loop and evaluation, for real but short, in this process."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from adapt_core.episode_store import EpisodeStore
from adapt_core.types import LabelValue

pytestmark = pytest.mark.usefixtures("short_episodes")
SAIL = ("sail", "drawer-close", "--in-process", "--preset", "test", "--run", "runs/mine", "--filter", "none")
SHORT = ("--initial-data", "empty", "--episodes", "1", "--finetune-steps", "2", "--batch-size", "2")


def test_demos_are_collected_labelled_and_not_collected_again(cli) -> None:
    command = ("demos", "metaworld", "--tasks", "reach", "--count", "1", "--workers", "1", "--output", "demos")
    result = cli(*command)
    assert result.exit_code == 0, result.output
    store = EpisodeStore("demos")
    [meta] = store.episodes()
    assert (meta.task_id, meta.method, meta.seed, meta.success) == ("reach", "expert", 0, True)
    assert store.labels()[meta.episode_id].operator == "expert"
    assert store.label_of(meta.episode_id) is LabelValue.SUCCESS
    assert store.read_steps(meta.episode_id).actions.shape == (meta.steps, 8)
    assert "0 episodes added" in cli(*command).output


def test_demos_of_a_world_without_experts(cli) -> None:
    result = cli("demos", "dmc", "--tasks", "walker-walk")
    assert result.exit_code == 1
    assert "not for dmc" in result.stderr


@pytest.mark.usefixtures("weights")
def test_sail_in_process_runs_and_resumes(cli) -> None:
    result = cli(*SAIL, *SHORT, "--iterations", "1")
    assert result.exit_code == 0, result.output
    first = [meta.episode_id for meta in EpisodeStore("runs/mine/episodes").episodes()]
    assert len(first) == 1
    result = cli(*SAIL, *SHORT, "--iterations", "2")
    assert result.exit_code == 0, result.output
    metas = EpisodeStore("runs/mine/episodes").episodes()
    assert [meta.episode_id for meta in metas][:1] == first, "what was done is not done again"
    assert [(meta.iteration, meta.weights_version) for meta in metas] == [(0, "test-embedded"), (1, "mine-001")]
    summary = json.loads(Path("runs/mine/report/summary.json").read_text())
    assert [one["weights_version"] for one in summary["iterations"]] == ["test-embedded", "mine-001"]
    assert summary["weights"] == ["mine-001", "mine-002", "test-embedded"]
    assert (summary["filter"], summary["preset"], summary["method"]) == ("none", "test", "ipa")
    assert "summary" in result.stdout
    refused = cli(*SAIL, *SHORT, "--iterations", "2", "--seed", "5")
    assert refused.exit_code == 1
    assert "was begun with seed = 0" in " ".join(refused.stderr.split())
    refused = cli(*SAIL, *SHORT, "--iterations", "2", "--control-loop", "closed")
    assert refused.exit_code == 1
    assert "was begun with control_loop = mostly_open, not closed" in " ".join(refused.stderr.split())


@pytest.mark.usefixtures("weights")
def test_run_in_process_with_a_prompt_of_ones_own(cli) -> None:
    command = ("run", "drawer-close", "--in-process", "--preset", "test", "--run", "runs/one", "--seed", "3")
    result = cli(*command, "--prompt", "push it shut")
    assert result.exit_code == 0, result.output
    [meta] = EpisodeStore("runs/one/episodes").episodes()
    assert (meta.prior_prompt, meta.seed, meta.run_id) == ("push it shut", 3, "single")
    strip = Path("runs/one/report/strips") / f"0-3-{meta.episode_id}.png"
    assert strip.exists()
    assert str(strip) in result.stdout.replace("\n", "")


@pytest.mark.usefixtures("weights")
def test_evaluate_says_rate_interval_and_seeds(cli) -> None:
    command = (
        "evaluate",
        "drawer-close",
        "--preset",
        "test",
        "--episodes",
        "2",
        "--first-seed",
        "7",
        "--run",
        "runs/e",
    )
    result = cli(*command, "--method", "in_domain", "--worlds", "1")
    assert result.exit_code == 0, result.output
    assert "of 2 succeeded" in result.stdout
    assert "95 % interval" in result.stdout
    assert "seeds 7 to 8" in result.stdout
    metas = EpisodeStore("runs/e/episodes").episodes()
    assert [(meta.seed, meta.method) for meta in metas] == [(7, "in_domain"), (8, "in_domain")]
    assert Path("runs/e/evaluation/evaluate.md").exists()


def test_evaluate_names_the_methods_that_there_are(cli) -> None:
    result = cli("evaluate", "drawer-close", "--preset", "test", "--method", "ipa,magic")
    assert result.exit_code == 1
    assert "there is no magic; there are: ipa, pa, in_domain, vanilla, random_waypoint" in " ".join(
        result.stderr.split()
    )


@pytest.mark.usefixtures("weights")
def test_evaluate_several_tasks_and_methods(cli) -> None:
    several = ("evaluate", "drawer-close", "door-open", "--method", "pa,random_waypoint", "--preset", "test")
    result = cli(*several, "--episodes", "1", "--run", "runs/several", "--worlds", "1")
    assert result.exit_code == 0, result.output
    told = [
        (row["method"], row["task"]) for row in json.loads(Path("runs/several/evaluation/evaluate.json").read_text())
    ]
    assert told == [(method, task) for method in ("random_waypoint", "pa") for task in ("drawer-close", "door-open")]
