"""Tables of success rates: run for real but short, gone on with, and written down."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from adapt_core.episode_store import EpisodeMeta, EpisodeStore
from adapt_core.tables import load_table
from adapt_core.types import ControlLoop, Outcome
from PIL import Image

BASE = ["method", "task", "novel", "iteration", "seed", "episodes", "successes", "prior"]
METHODS = ("reproduce", "methods", "--preset", "test", "--tasks", "drawer-close", "--run", "runs/m", "--worlds", "2")
SAIL = ("reproduce", "sail", "--preset", "test", "--tasks", "drawer-close", "--seeds", "1", "--run", "runs/s")
SHORT = ("--episodes", "1", "--iterations", "2", "--demos", "1", "--finetune-steps", "2", "--worlds", "1")


def rows(path: str) -> list[dict[str, object]]:
    return list(json.loads(Path(path).read_text()))


def completed(root: str) -> list[EpisodeMeta]:
    return EpisodeStore(root).episodes(outcome=Outcome.COMPLETED)


@pytest.mark.timeout(400)
@pytest.mark.usefixtures("short_episodes", "weights")
def test_a_table_is_run_written_and_gone_on_with(cli) -> None:
    chosen = ("--methods", "ipa,random_waypoint,expert_frames")
    result = cli(*METHODS, *chosen, "--episodes", "1")
    assert result.exit_code == 0, result.output
    found = rows("runs/m/results/methods.json")
    assert [list(row) for row in found] == [BASE] * 3
    assert [(row["method"], row["episodes"], row["prior"]) for row in found] == [
        ("random_waypoint", 1, None),
        ("expert_frames", 1, None),
        ("ipa", 1, "broad"),
    ]
    first = {meta.episode_id for meta in completed("runs/m/episodes")}
    assert len(first) == 2
    result = cli(*METHODS, *chosen, "--episodes", "2")
    assert result.exit_code == 0, result.output
    assert [row["episodes"] for row in rows("runs/m/results/methods.json")] == [2] * 3
    metas = completed("runs/m/episodes")
    assert first < {meta.episode_id for meta in metas}, "what was done is not done again"
    scenes = set(load_table("methods").scenes(1)[:2])
    for method in ("ipa", "expert_frames"):
        assert {meta.seed for meta in metas if meta.method == method} == scenes, "the same scenes for all"
    random_play = completed("runs/m/controls/random_waypoint")
    assert {meta.seed for meta in random_play} == scenes
    assert {meta.steps for meta in random_play} == {4}, "as long as the others' episodes"
    page = Path("runs/m/results/methods.md").read_text()
    assert f"adapt {' '.join(METHODS[:2])} --episodes 2 --tasks drawer-close --methods" in page
    assert "| ipa, random_waypoint | 2 |" in page
    for name in ("methods.png", "methods-drawer-close.png"):
        assert f"![{name}]({name})" in page
        with Image.open(Path("runs/m/results") / name) as picture:
            assert min(picture.size) > 300


@pytest.mark.usefixtures("short_episodes")
def test_other_weights_do_not_go_on_with_a_run(cli, weights: Path) -> None:
    command = (*METHODS, "--methods", "in_domain", "--episodes", "1")
    assert cli(*command).exit_code == 0
    file = weights / "codec.safetensors"
    file.write_bytes(file.read_bytes() + b" ")
    refused = cli(*command)
    assert refused.exit_code == 1
    assert "was begun with weights" in " ".join(refused.stderr.split())


@pytest.mark.usefixtures("short_episodes", "weights")
def test_a_table_is_run_in_another_control_loop(cli) -> None:
    result = cli(*METHODS, "--methods", "in_domain", "--episodes", "1", "--control-loop", "closed")
    assert result.exit_code == 0, result.output
    assert [(meta.control_loop, meta.plans) for meta in completed("runs/m/episodes")] == [(ControlLoop.CLOSED, 4)]
    page = Path("runs/m/results/methods.md").read_text()
    assert "--control-loop closed" in page
    assert "closed loop" in page


@pytest.mark.slow
@pytest.mark.timeout(400)
@pytest.mark.usefixtures("short_episodes", "weights")
def test_a_loop_stands_beside_its_control(cli) -> None:
    result = cli(*SAIL, *SHORT, "--methods", "ipa,extra_steps", "--output", "docs/results")
    assert result.exit_code == 0, result.output
    found = rows("docs/results/sail.json")
    assert [list(row) for row in found] == [[*BASE, "filter"]] * 4
    told = [(row["method"], row["iteration"], row["episodes"], row["prior"], row["filter"]) for row in found]
    assert told == [(method, it, 1, "broad", "success") for method in ("ipa", "extra_steps") for it in (0, 1)]
    loops = Path("runs/s/loops")
    seeds = [
        [meta.seed for meta in completed(str(loops / name / "episodes"))]
        for name in ("ipa-success-drawer-close-1", "extra_steps-success-drawer-close-1")
    ]
    assert seeds[0] == seeds[1], "the control meets the same scenes"
    begun = json.loads((loops / "extra_steps-success-drawer-close-1" / "run.json").read_text())
    assert (begun["initial_data_only"], begun["method"], begun["finetune"]["steps"]) == (True, "ipa", 2)
    assert len(completed("runs/s/demos")) == 14, "of each seen task one whole demonstration and one from midway"
    encoded = {path.stem for path in Path("runs/s/latents").rglob("*.safetensors")}
    assert {meta.episode_id for meta in completed("runs/s/demos")} <= encoded, "both loops share what is encoded"
    assert not list(loops.rglob("latents"))
    page = Path("docs/results/sail.md").read_text()
    assert "| ipa (success), extra_steps (success) | 1 | 1 |" in page
    assert Path("docs/results/sail.png").exists()


def test_what_a_table_does_not_have_is_said_before_anything_runs(cli) -> None:
    for arguments, message in (
        (("cupps",), "has: cups, drawers, few, filters"),
        (("methods", "--tasks", "reach"), "this table has no reach"),
        (("methods", "--seeds", "one"), "--seeds one: give whole numbers"),
        (("methods", "--iterations", "1"), "nothing is learned in the table methods"),
        (("cups", "--preset", "none"), "none.yaml does not exist"),
    ):
        result = cli("reproduce", *arguments)
        assert result.exit_code == 1
        assert message in " ".join(result.stderr.split())
    assert not Path("runs").exists()


def test_the_pandas_tables_are_the_papers_sets_of_scenes() -> None:
    """Whatever scene a table begins with, each combination of colours and placements comes up equally often."""
    from adapt_sim.panda.cups import cup_scene
    from adapt_sim.panda.drawers import drawer_scene
    from adapt_sim.panda.paper_sets import cup_evaluations, drawer_evaluations

    cups, drawers = load_table("cups"), load_table("drawers")
    assert {trials.task_id: trials.count for trials in cup_evaluations()} == dict.fromkeys(cups.tasks, cups.episodes)
    assert {trials.task_id: trials.count for trials in drawer_evaluations()} == {drawers.tasks[0]: drawers.episodes}
    pairs = [frozenset(cup_scene("orange", seed).colours) for seed in cups.scenes(1)]
    assert {pairs.count(pair) for pair in pairs} == {5}
    beside = [frozenset(drawer_scene("yellow", seed).colours) for seed in drawers.scenes(1)]
    assert {beside.count(pair) for pair in beside} == {12}


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.usefixtures("weights")
def test_the_pandas_methods_and_controls_run(cli) -> None:
    """With networks that know nothing: what they plan may be refused, and then is a failure, not an error."""
    chosen = ("--preset", "test", "--tasks", "push-orange-cup", "--methods", "ipa,random_waypoint,expert_frames")
    result = cli("reproduce", "cups", *chosen, *SHORT, "--run", "runs/c")
    assert result.exit_code == 0, result.output
    found = [(row["method"], row["iteration"], row["episodes"]) for row in rows("runs/c/results/cups.json")]
    assert found == [("random_waypoint", 0, 1), ("expert_frames", 0, 1), ("ipa", 0, 1), ("ipa", 1, 1)]
