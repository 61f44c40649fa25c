"""Pictures of the Panda's table that say where each thing is: what pointing is learned from.

They are taken under other looks than the world's, with all colours; the arm is put in place and nothing is simulated.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from adapt_core.errors import PlanRejectedError
from adapt_core.images import square
from adapt_core.kinematics.arm import ArmModel
from adapt_core.kinematics.inverse import solve
from adapt_core.robots import load_robot
from adapt_core.types import Vector
from numpy.typing import NDArray

from adapt_sim.panda.colours import NOVEL_CUPS, NOVEL_DRAWERS, SEEN_CUPS, SEEN_DRAWERS
from adapt_sim.panda.cups import FORWARD, HEIGHT_M, CupScene, mixed_cup_scene
from adapt_sim.panda.drawers import HANDLE_HEIGHT_M, mixed_drawer_scene
from adapt_sim.panda.look import Look
from adapt_sim.panda.scripted_operator import via_points
from adapt_sim.panda.station import Station
from adapt_sim.panda.table_scene import CAMERA
from adapt_sim.panda.tabletop_tasks import Scene
from adapt_sim.panda.teleoperation import DOWNWARD
from adapt_sim.stills import Still, seen_at

LOOKS_SEED = 2
DRAWERS_SHARE = 0.25
MOVED_SHARE, MOVED_M = 0.4, 0.15  # of the scenes, one thing was moved already, at most so far
AWAY_SHARE, AROUND_M = 0.7, 0.04  # of the pictures, the hand is somewhere on its way, not at home


def take_stills(count: int, image_size: int, robot: str = "panda") -> Iterator[Still]:
    """The first `count` pictures, cups and then drawers, `image_size` pixels high and wide. Raises ConfigError."""
    kinematics = ArmModel.of(load_robot(robot))
    drawers = round(DRAWERS_SHARE * count)
    for things, number in (("cups", count - drawers), ("drawers", drawers)):
        station = Station(things)
        try:
            for seed in range(number):
                yield _take(
                    station, kinematics, things, np.random.default_rng([LOOKS_SEED, seed, len(things)]), image_size
                )
        finally:
            station.camera.close()


def _take(station: Station, kinematics: ArmModel, things: str, rng: np.random.Generator, image_size: int) -> Still:
    scene = _scene(things, rng)
    moved_m = np.zeros(len(scene.colours))
    if rng.random() < MOVED_SHARE:
        moved_m[rng.integers(len(moved_m))] = rng.uniform(0, MOVED_M)
    station.look.restore()
    station.look.change(Look(), rng)
    station.put(scene, moved_m, _joints(kinematics, scene, rng))
    verb, thing = ("push", "cup") if things == "cups" else ("open", "drawer")
    model, data = station.arm.model, station.arm.data
    camera = model.camera(CAMERA).id
    points = np.array([seen_at(model, data, camera, middle) for middle in _middles(scene, moved_m)])
    image = square(station.camera.image(station.arm.data), image_size)
    return Still(image, tuple(f"{verb}-{colour}-{thing}" for colour in scene.colours), points)


def _scene(things: str, rng: np.random.Generator) -> Scene:
    colours = (*SEEN_CUPS, *NOVEL_CUPS) if things == "cups" else (*SEEN_DRAWERS, *NOVEL_DRAWERS)
    mixed = mixed_cup_scene if things == "cups" else mixed_drawer_scene
    return mixed(str(rng.choice(colours)), int(rng.integers(2**31)))


def _middles(scene: Scene, moved_m: Vector) -> NDArray[np.float64]:
    """The middle of each cup, or of each drawer's front, (n, 3) [m]."""
    if isinstance(scene, CupScene):
        return np.column_stack([scene.positions + moved_m[:, None] * FORWARD, np.full(len(moved_m), HEIGHT_M / 2)])
    return scene.fronts + np.column_stack([-moved_m, 0 * moved_m, np.full(len(moved_m), HANDLE_HEIGHT_M / 2)])


def _joints(kinematics: ArmModel, scene: Scene, rng: np.random.Generator) -> Vector:
    """At home, or around a point where somebody would have the hand who does one of the scene's tasks."""
    if rng.random() > AWAY_SHARE:
        return kinematics.home
    vias = via_points(replace(scene, named=int(rng.integers(len(scene.colours)))), rng)
    place = vias[rng.integers(len(vias))].position + rng.uniform(-AROUND_M, AROUND_M, 3)
    try:
        return solve(kinematics, np.append(place, DOWNWARD), kinematics.home)
    except PlanRejectedError:
        return kinematics.home
