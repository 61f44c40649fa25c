"""The tables of results are data: what they ask for, and how a trial narrows them."""

from __future__ import annotations

from pathlib import Path

import pytest
from adapt_core.errors import ConfigError
from adapt_core.paths import config_dir
from adapt_core.robots import load_robot
from adapt_core.tables import EXTRA_STEPS, Cell, Changes, Control, load_table
from adapt_core.tasks import load_suite
from adapt_core.types import ExperienceFilter

NAMES = sorted(path.stem for path in (config_dir() / "tables").glob("*.yaml"))
SAIL_TASKS = {"door-close", "door-open", "drawer-open", "drawer-close", "window-open", "window-close"}


@pytest.mark.parametrize("name", NAMES)
def test_every_table_has_its_controls_and_tasks_of_its_robot(name: str) -> None:
    table = load_table(name)
    suite = load_suite(load_robot(table.robot).suite)
    tasks = [suite[task] for task in table.tasks]
    assert set(table.controls) == set(Control), "no rate without its floor and its ceiling"
    if table.loop is not None:
        assert table.loop.extra_steps in table.methods, "no curve without the same steps on the old data"
        demonstrated = [suite[task] for task in table.loop.initial_data.tasks]
        assert not any(task.novel for task in demonstrated)
        assert any(task.novel for task in tasks)
    cells = list(table.cells())
    assert len(cells) == len(set(cells)) == len({cell.name for cell in cells})
    assert {cell.method for cell in cells} >= {*table.methods, *(control.value for control in Control)}


def test_the_papers_tables_are_of_their_size() -> None:
    papers, own = {"methods", "sail", "filters", "suboptimal", "cups", "drawers"}, {"seen", "few"}
    assert set(NAMES) == papers | own
    assert set(load_table("methods").tasks) == set(load_table("sail").tasks) == SAIL_TASKS
    sail = load_table("sail").loop
    assert sail is not None
    assert set(load_table("seen").tasks) == set(sail.initial_data.tasks)
    assert set(load_table("methods").methods) == {"in_domain", "pa", "ipa", "vanilla"}
    for name, episodes, demonstrations in (("sail", 30, 175), ("cups", 30, 120), ("drawers", 36, 144)):
        table = load_table(name)
        assert table.loop is not None
        data = table.loop.initial_data
        assert (table.loop.iterations, table.episodes) == (3, episodes)
        assert data.count * len(data.tasks) == demonstrations
    filters, suboptimal = load_table("filters").loop, load_table("suboptimal").loop
    assert filters is not None
    assert suboptimal is not None
    assert set(filters.filters) == set(ExperienceFilter)
    assert suboptimal.initial_data.random_share == 0.7


def test_runs_have_their_own_scenes_and_the_first_iterations_are_those_of_the_loop() -> None:
    table = load_table("sail")
    scenes = [set(table.scenes(seed)) for seed in table.seeds]
    assert sum(map(len, scenes)) == len(set.union(*scenes)) == 90
    assert min(set.union(*scenes)) > 1_000_000, "far from the scenes of demonstrations"
    assert set(load_table("methods").scenes(1)) >= set(table.scenes(1)), "so that tables can be compared"


def test_a_trial_narrows_a_table() -> None:
    asked = Changes(
        ("drawer-close",), ("ipa", "random_waypoint"), (7,), "test", episodes=2, iterations=1, demonstrations=1
    )
    table = asked.of(load_table("sail"))
    assert list(table.cells()) == [
        Cell("random_waypoint", "drawer-close", 7),
        Cell("ipa", "drawer-close", 7, ExperienceFilter.SUCCESS),
    ]
    assert (table.preset, table.episodes) == ("test", 2)
    assert table.loop is not None
    assert (table.loop.iterations, table.loop.initial_data.count) == (1, 1)
    assert Changes().of(load_table("sail")) == load_table("sail")
    extra = Changes(methods=("extra_steps",)).of(load_table("sail"))
    [method] = {cell.method for cell in extra.cells()}
    assert method == EXTRA_STEPS
    assert {extra.planned_by(cell) for cell in extra.cells()} == {"ipa"}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (Changes(tasks=("reach",)), "tasks: this table has no reach; it has: door-close"),
        (Changes(methods=("extra_steps",)), "methods: this table has no extra_steps; it has: in_domain"),
        (Changes(iterations=2), "nothing is learned in the table methods"),
    ],
)
def test_what_a_table_does_not_have_is_named(changes: Changes, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        changes.of(load_table("methods"))


def test_a_broken_table_is_one_clear_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "tables").mkdir()
    text = (config_dir() / "tables" / "methods.yaml").read_text()
    (tmp_path / "tables" / "mine.yaml").write_text(text.replace("controls:", "contrls:"))
    (tmp_path / "tables" / "none.yaml").write_text(text.replace("seeds: [1]", "seeds: []"))
    monkeypatch.setenv("ADAPT_CONFIG_DIR", str(tmp_path))
    with pytest.raises(ConfigError, match="contrls"):
        load_table("mine")
    with pytest.raises(ConfigError, match="seeds: give at least one"):
        load_table("none")
    with pytest.raises(ConfigError, match="has: mine, none"):
        load_table("cupps")
