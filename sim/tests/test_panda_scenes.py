"""Scenes with cups and drawers: the paper's sets, what counts as success, and looks."""

from __future__ import annotations

from collections import Counter

import mujoco
import numpy as np
import pytest
from adapt_core.errors import UnknownTaskError
from adapt_core.tasks import load_suite
from adapt_sim.panda.colours import SEEN_CUPS, SEEN_DRAWERS
from adapt_sim.panda.cups import CupScene, cup_scene, pushed
from adapt_sim.panda.drawers import SIDES, DrawerScene, drawer_placements, drawer_scene, opened
from adapt_sim.panda.look import Look, LookOfScene
from adapt_sim.panda.paper_sets import (
    Trials,
    cup_demonstrations,
    cup_evaluations,
    drawer_demonstrations,
    drawer_evaluations,
)
from adapt_sim.panda.table_scene import table_scene_spec
from adapt_sim.panda.tabletop_tasks import TASKS, Tabletop, tabletop_task


def scenes(trials: Trials, iteration: int = 0) -> list[CupScene | DrawerScene]:
    """The scenes of one task's trials."""
    return [tabletop_task(trials.task_id).scene(seed) for seed in trials.seeds(iteration)]


def colours(scene: CupScene | DrawerScene) -> tuple[str, frozenset[str]]:
    """The named colour and the others."""
    named = scene.colours[scene.named]
    return named, frozenset(scene.colours) - {named}


def test_twelve_cup_tasks_with_ten_demonstrations_each() -> None:
    counted = Counter(colours(scene) for trials in cup_demonstrations() for scene in scenes(trials))
    assert len(counted) == 12 and set(counted.values()) == {10}
    assert all({named, *others} <= set(SEEN_CUPS) and len(others) == 2 for named, others in counted)


@pytest.mark.parametrize("trials", cup_evaluations(), ids=lambda trials: trials.task_id)
def test_novel_cups_are_evaluated_five_times_beside_each_pair(trials: Trials) -> None:
    counted = Counter(colours(scene) for scene in scenes(trials))
    assert len(counted) == 6 and set(counted.values()) == {5}
    assert all(named not in SEEN_CUPS and others <= set(SEEN_CUPS) for named, others in counted)


def test_six_drawer_pairs_in_twenty_four_placements_each() -> None:
    every = [(trials.task_id, scene) for trials in drawer_demonstrations() for scene in scenes(trials)]
    assert len(every) == 144
    counted = Counter(colours(scene) for _, scene in every)
    assert len(counted) == 6 and set(counted.values()) == {24}
    for pair in counted:
        fronts = [(scene.named, *scene.fronts.round(2).ravel()) for _, scene in every if colours(scene) == pair]
        assert len(set(fronts)) == 24


def test_the_novel_drawer_is_evaluated_in_half_of_the_placements() -> None:
    [trials] = drawer_evaluations()
    counted = Counter(colours(scene) for scene in scenes(trials))
    assert counted == {("yellow", frozenset({seen})): 12 for seen in SEEN_DRAWERS}
    half = drawer_placements("yellow")
    assert len(half) == 12 and set(half) < set(drawer_placements("red"))
    assert Counter(place.side for place in half) == dict.fromkeys(SIDES, 6)


@pytest.mark.parametrize("trials", [*cup_evaluations(), *drawer_evaluations()], ids=lambda trials: trials.task_id)
def test_each_iteration_draws_its_scenes_anew(trials: Trials) -> None:
    first, second = scenes(trials), scenes(trials, iteration=1)
    assert [colours(scene) for scene in first] == [colours(scene) for scene in second]
    places = [scene.positions if isinstance(scene, CupScene) else scene.fronts for scene in (first[0], second[0])]
    assert not np.array_equal(*places)


def test_same_seed_same_scene_and_room_for_the_hand() -> None:
    for seed in range(50):
        scene, again = cup_scene("pink", seed), cup_scene("pink", seed)
        np.testing.assert_array_equal(scene.positions, again.positions)
        assert scene.colours == again.colours and scene.named == again.named
        assert (np.abs(np.diff(scene.positions[:, 1])) > 0.11).all()


def test_tasks_are_those_of_the_suite() -> None:
    suite = load_suite("panda")
    assert set(suite) == set(TASKS)
    for task_id, task in suite.items():
        things, colour = TASKS[task_id]
        assert task.novel == (colour not in (SEEN_CUPS if things == "cups" else SEEN_DRAWERS))
        assert task.in_domain_prompt == task_id.replace("-", " ")
        assert task.prior_prompt.startswith("a robot arm") and task.prior_prompt.endswith(f"{colour} {things[:-1]}")


def test_unknown_task_names_close_matches() -> None:
    with pytest.raises(UnknownTaskError, match="push-orange-cup"):
        tabletop_task("push-ornge-cup")
    with pytest.raises(UnknownTaskError, match="yellow"):
        cup_scene("yellow", 0)
    with pytest.raises(UnknownTaskError, match="pink"):
        drawer_scene("pink", 0)


@pytest.mark.parametrize(
    ("moved_m", "success"),
    [
        ([(0.0, 0.0), (0.11, 0.0), (0.0, 0.0)], True),
        ([(0.0, 0.0), (0.10, 0.05), (0.019, 0.0)], True),
        ([(0.0, 0.0), (0.09, 0.0), (0.0, 0.0)], False),  # too short
        ([(0.0, 0.0), (-0.11, 0.0), (0.0, 0.0)], False),  # backward
        ([(0.0, 0.0), (0.0, 0.15), (0.0, 0.0)], False),  # sideways
        ([(0.11, 0.0), (0.0, 0.0), (0.0, 0.0)], False),  # the wrong one
        ([(0.0, 0.0), (0.11, 0.0), (0.015, 0.015)], False),  # another one 2.1 cm
    ],
)
def test_what_counts_as_pushed(moved_m: list[tuple[float, float]], success: bool) -> None:
    assert pushed(np.array(moved_m), named=1) is success


@pytest.mark.parametrize(
    ("opened_m", "success"), [((0.0, 0.1), True), ((0.0, 0.09), False), ((0.1, 0.0), False), ((0.02, 0.12), False)]
)
def test_what_counts_as_opened(opened_m: tuple[float, float], success: bool) -> None:
    assert opened(np.array(opened_m), named=1) is success


@pytest.fixture(scope="module")
def tables() -> dict[str, tuple[Tabletop, mujoco.MjData]]:
    """A table with cups and one with drawers."""
    made = {things: Tabletop(things) for things in ("cups", "drawers")}
    return {things: (tabletop, mujoco.MjData(tabletop.model)) for things, tabletop in made.items()}


def test_success_is_read_from_the_cups(tables: dict[str, tuple[Tabletop, mujoco.MjData]]) -> None:
    tabletop, data = tables["cups"]
    scene = cup_scene("orange", 0)
    for cup in range(3):
        mujoco.mj_resetData(tabletop.model, data)
        tabletop.lay(data, scene)
        assert not tabletop.success(data)
        data.joint(f"cup{cup}").qpos[0] += 0.101
        mujoco.mj_forward(tabletop.model, data)
        assert tabletop.success(data) == (cup == scene.named)


def test_success_is_read_from_the_drawers(tables: dict[str, tuple[Tabletop, mujoco.MjData]]) -> None:
    tabletop, data = tables["drawers"]
    scene = drawer_scene("yellow", 3)
    for index, side in enumerate(SIDES):
        mujoco.mj_resetData(tabletop.model, data)
        tabletop.lay(data, scene)
        assert not tabletop.success(data)
        data.joint(f"{side}_drawer").qpos[0] = 0.101
        assert tabletop.success(data) == (index == scene.named)


@pytest.mark.parametrize("things", ["cups", "drawers"])
def test_things_stay_where_they_were_put(tables: dict[str, tuple[Tabletop, mujoco.MjData]], things: str) -> None:
    tabletop, data = tables[things]
    mujoco.mj_resetData(tabletop.model, data)
    tabletop.lay(data, tabletop_task("push-red-cup" if things == "cups" else "open-red-drawer").scene(0))
    before = data.qpos[-3:].copy()
    for _ in range(480):
        mujoco.mj_step(tabletop.model, data)
    np.testing.assert_allclose(data.qpos[-3:], before, atol=1e-3)


def test_looks_change_as_far_as_asked_and_come_back() -> None:
    model = table_scene_spec().compile()
    look = LookOfScene(model)
    before = {field: getattr(model, field).copy() for field in look.FIELDS}
    look.change(Look(0.0, 0.0, 0.0), np.random.default_rng(0))
    for field, value in before.items():
        np.testing.assert_allclose(getattr(model, field), value)
    look.change(Look(camera_jitter=0.0), np.random.default_rng(0))
    np.testing.assert_allclose(model.cam_pos, before["cam_pos"])
    for field in ("light_pos", "light_diffuse", "mat_rgba"):
        assert not np.allclose(getattr(model, field), before[field])
    look.change(Look(), np.random.default_rng(0))
    assert 0.001 < np.linalg.norm(model.cam_pos - before["cam_pos"]) < 0.08
    look.restore()
    for field, value in before.items():
        np.testing.assert_array_equal(getattr(model, field), value)
