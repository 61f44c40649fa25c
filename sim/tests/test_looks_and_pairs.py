"""Domain randomisation changes the look only; paired scenes hide the task; the renderer's fast settings."""

from __future__ import annotations

import numpy as np
import pytest
from adapt_core.errors import UnknownTaskError
from adapt_core.types import ActionChunk, ActionSpace, Observation
from adapt_sim.domain_randomisation import randomise_look
from adapt_sim.metaworld import FRAME_ID, MetaWorldWorld
from adapt_sim.metaworld_envs import MODEL_FIELDS, make_env, restore_model, seed_env
from adapt_sim.observation_camera import CAMERA
from adapt_sim.rendering import SceneRenderer

PUSH = ActionChunk(ActionSpace.RAW, np.full((5, 4), 0.8), 4, FRAME_ID)


@pytest.fixture(scope="module")
def runs() -> dict[int | None, list[Observation]]:
    """By `randomise_seed`: a reset to seed 0 and a push, then resets to seeds 1 and 0."""
    runs = {}
    for randomise_seed in (None, 7, 8):
        world = MetaWorldWorld(image_size=64, randomise_seed=randomise_seed)
        pushed = [world.reset("drawer-close", 0), *world.execute(PUSH)]
        runs[randomise_seed] = [*pushed, world.reset("drawer-close", 1), world.reset("drawer-close", 0)]
        world.close()
    return runs


def test_randomisation_changes_the_image_but_not_the_dynamics(runs: dict[int | None, list[Observation]]) -> None:
    assert np.abs(runs[None][0].image.astype(int) - runs[7][0].image).mean() > 5
    for plain, random in zip(runs[None], runs[7], strict=True):
        np.testing.assert_array_equal(plain.end_effector, random.end_effector)


def test_look_depends_on_both_seeds_and_on_nothing_else(runs: dict[int | None, list[Observation]]) -> None:
    first, other, again = (runs[7][index].image for index in (0, -2, -1))
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)
    assert not np.array_equal(first, runs[8][0].image)


def test_default_look_comes_back_exactly() -> None:
    env = make_env("drawer-close")
    before = {field: getattr(env.model, field).copy() for field in MODEL_FIELDS}
    randomise_look(env.model, np.random.default_rng(0))
    assert not np.array_equal(env.model.geom_rgba, before["geom_rgba"])
    restore_model(env)
    for field, value in before.items():
        np.testing.assert_array_equal(getattr(env.model, field), value)


@pytest.mark.parametrize("seed", range(4))
def test_the_parts_of_a_thing_get_colours_of_their_own(seed: int) -> None:
    model = make_env("window-open").model
    randomise_look(model, np.random.default_rng(seed))
    for part in (model.geom(i) for i in range(model.ngeom)):
        if part.matid >= 0 and model.mat(part.matid[0]).name.startswith("window"):
            assert part.rgba.tolist() == [0.5, 0.5, 0.5, 1.0]  # any other colour would cover the material
    handle, frame = (model.mat(name).rgba[:3] for name in ("window_white", "window_red"))
    assert np.abs(handle - frame).max() > 0.05
    assert model.mat("window_glass").rgba[3] == pytest.approx(0.1)


@pytest.mark.parametrize(
    "thing", ["drawer", "door", *(pytest.param(thing, marks=pytest.mark.slow) for thing in ("window", "faucet"))]
)
def test_paired_scenes_look_alike(thing: str) -> None:
    world = MetaWorldWorld(image_size=64, start_fraction=(0.3, 0.7))
    opened, closed = ([world.reset(f"{thing}-{verb}", seed) for seed in range(3)] for verb in ("open", "close"))
    world.close()
    for a, b in zip(opened, closed, strict=True):
        np.testing.assert_array_equal(a.image, b.image)
        assert not a.success and not b.success


def test_only_things_that_open_start_partly_open() -> None:
    with pytest.raises(UnknownTaskError, match="drawer-open"):
        MetaWorldWorld(start_fraction=(0.5, 0.5)).reset("reach", 0)


def test_fast_rendering_drops_shadows_and_leaves_the_model_alone() -> None:
    env = make_env("drawer-close")
    seed_env(env, 0)
    camera_id = env.model.camera(CAMERA).id
    quality = env.model.vis.quality.offsamples, env.model.vis.quality.shadowsize
    images = []
    for fast in (True, False):
        renderer = SceneRenderer(env.model, 64, 64, fast)
        images.append(renderer.render(env.data, camera_id).astype(int))
        renderer.close()
    assert (env.model.vis.quality.offsamples, env.model.vis.quality.shadowsize) == quality
    difference = np.abs(images[0] - images[1])
    assert 0 < difference.mean() < 20  # the same scene, drawn more simply
