"""Pictures of MetaWorld's scenes that say where things are."""

from __future__ import annotations

from itertools import pairwise

import mujoco
import numpy as np
import pytest
from adapt_sim.metaworld_stills import PER_EPISODE, take_stills
from adapt_sim.stills import Still, seen_at

SIZE = 48
TABLE = """
<mujoco>
  <worldbody>
    <camera name="above" pos="0 0 1" fovy="90"/>
  </worldbody>
</mujoco>
"""


@pytest.mark.parametrize(
    ("place", "seen"),
    [([0, 0, 0], [0.5, 0.5]), ([0.5, 0, 0], [0.75, 0.5]), ([0, 0.5, 0], [0.5, 0.25]), ([0.25, 0, 0.5], [0.75, 0.5])],
)
def test_a_camera_looking_down_sees_a_place_where_it_is(place: list[float], seen: list[float]) -> None:
    model = mujoco.MjModel.from_xml_string(TABLE)
    data = mujoco.MjData(model)
    mujoco.mj_forward(model, data)
    assert seen_at(model, data, model.camera("above").id, np.array(place)) == pytest.approx(seen)


@pytest.fixture(scope="module")
def stills() -> list[Still]:
    """One episode's worth of pictures of each of two tasks."""
    return list(take_stills(2 * PER_EPISODE, SIZE))


def test_pictures_differ_in_look_and_name_what_they_are_about(stills: list[Still]) -> None:
    assert len(stills) == 2 * PER_EPISODE
    assert len({still.tasks for still in stills}) == 2
    for still in stills:
        assert still.image.shape == (SIZE, SIZE, 3)
        assert still.points.shape == (1, 2)
    images = [still.image.astype(int) for still in stills]
    assert all(np.abs(one - other).mean() > 5 for one, other in pairwise(images))


def test_what_they_are_about_is_nearly_always_in_the_picture(stills: list[Still]) -> None:
    inside = [bool(((still.points > 0) & (still.points < 1)).all()) for still in stills]
    assert np.mean(inside) > 0.8


def test_pictures_repeat_exactly(stills: list[Still]) -> None:
    again = next(take_stills(2 * PER_EPISODE, SIZE))
    assert np.array_equal(again.image, stills[0].image)
    assert np.array_equal(again.points, stills[0].points)
