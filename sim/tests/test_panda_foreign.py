"""What an embedded prior of the Panda learns from: pictures that say where things are, scenes of several tasks, led hands."""

from __future__ import annotations

import numpy as np
import pytest
from adapt_core.errors import ConfigError
from adapt_sim.panda.colours import COLOURS
from adapt_sim.panda.cups import mixed_cup_scene
from adapt_sim.panda.demonstrations import collect_expert, collect_foreign
from adapt_sim.panda.drawers import mixed_drawer_scene
from adapt_sim.panda.stills import take_stills
from adapt_sim.panda.world import PandaWorld
from adapt_sim.registry import make_world

SIZE = 128


def nearest_colour(pixel: np.ndarray, among: list[str]) -> str:
    """The colour whose hue, whatever the light, is most like the pixel's."""
    shade = pixel / np.linalg.norm(pixel)
    return max(among, key=lambda name: float(shade @ (np.array(COLOURS[name]) / np.linalg.norm(COLOURS[name]))))


def test_points_are_where_the_named_colours_are() -> None:
    right = things = 0
    for still in take_stills(24, SIZE):
        colours = [task.split("-")[1] for task in still.tasks]
        assert len(colours) in (2, 3) and still.points.shape == (len(colours), 2)
        for colour, (x, y) in zip(colours, still.points, strict=True):
            pixel = still.image[min(int(y * SIZE), SIZE - 1), min(int(x * SIZE), SIZE - 1)].astype(float)
            right += nearest_colour(pixel, colours) == colour
            things += 1
    assert right > 0.75 * things  # some are behind the arm


def test_stills_repeat_exactly() -> None:
    one, other = (next(take_stills(8, 32)) for _ in range(2))
    np.testing.assert_array_equal(one.image, other.image)
    np.testing.assert_array_equal(one.points, other.points)


@pytest.mark.parametrize(("scene_of", "colours"), [(mixed_cup_scene, 6), (mixed_drawer_scene, 4)])
def test_mixed_scenes_are_shared_by_all_their_tasks(scene_of: object, colours: int) -> None:
    names = list(COLOURS)[:6] if colours == 6 else ["red", "green", "blue", "yellow"]
    turns = 10 if colours == 6 else 3
    keys: dict[tuple[int, ...], set[str]] = {}
    for colour in names:
        for seed in range(2 * turns):
            scene = scene_of(colour, seed)  # type: ignore[operator]
            assert scene.colours[scene.named] == colour
            keys.setdefault(scene.key, set()).add(colour)
    assert {len(sharing) for sharing in keys.values()} == {3 if colours == 6 else 2}


def test_one_image_has_several_instructions_under_another_look() -> None:
    world = make_world("panda", image_size=32, randomise_seed=1)
    assert isinstance(world, PandaWorld)
    first = world.reset("open-red-drawer", 0)
    others = {colour: world.reset(f"open-{colour}-drawer", 0) for colour in ("green", "blue", "yellow")}
    world.close()
    same = [colour for colour, seen in others.items() if np.array_equal(seen.image, first.image)]
    assert len(same) == 1


@pytest.mark.parametrize("task", ["push-orange-cup", "open-yellow-drawer"])
def test_a_led_hand_looks_like_a_simulated_one(task: str) -> None:
    world = PandaWorld(image_size=32, randomise_seed=1)
    simulated, led = collect_expert(world, task, seed=1), collect_foreign(world, task, seed=1)
    world.close()
    assert simulated.success and led.success
    shown = min(len(simulated.frames), len(led.frames))
    assert abs(len(simulated.frames) - len(led.frames)) <= 1
    np.testing.assert_allclose(led.end_effector[:shown, :3], simulated.end_effector[:shown, :3], atol=0.005)  # metres
    assert np.abs(led.frames[:shown].astype(int) - simulated.frames[:shown]).mean() < 1.5  # of 255
    with pytest.raises(ConfigError, match="random-share"):
        collect_foreign(world, task, seed=1, random_share=0.5)
