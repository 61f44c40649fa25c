"""Pictures of the Panda's table that say where each thing is: what pointing is learned from.

They are taken under other looks than the world's, with all colours; the arm is put in place and nothing is simulated.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import mujoco
import numpy as np
from adapt_core.errors import PlanRejectedError
from adapt_core.images import square
from adapt_core.kinematics.arm import ArmModel
from adapt_core.kinematics.inverse import solve
from adapt_core.robots import load_robot
from adapt_core.types import Vector
from numpy.typing import NDArray

from adapt_sim.panda.colours import NOVEL_CUPS, NOVEL_DRAWERS, SEEN_CUPS, SEEN_DRAWERS
from adapt_sim.panda.cups import FORWARD, HEIGHT_M, mixed_cup_scene
from adapt_sim.panda.drawers import HANDLE_HEIGHT_M, SIDES, mixed_drawer_scene
from adapt_sim.panda.look import Look
from adapt_sim.panda.scripted_operator import via_points
from adapt_sim.panda.station import Station
from adapt_sim.panda.table_scene import CAMERA
from adapt_sim.panda.tabletop_tasks import Scene
from adapt_sim.panda.teleoperation import DOWNWARD
from adapt_sim.stills import Still

LOOKS_SEED = 2
DRAWERS_SHARE = 0.25
MOVED_SHARE, MOVED_M = 0.4, 0.15  # of the scenes, one thing was moved already, at most so far
AWAY_SHARE, AROUND_M = 0.7, 0.04  # of the pictures, the hand is somewhere on its way, not at home


@dataclass(frozen=True)
class _Laid:
    """A scene, the middle of each of its things (n, 3) [m], and how far the drawers are open (2,) [m], if it has any."""

    scene: Scene
    middles: NDArray[np.float64]
    opened_m: Vector | None = None


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
    laid = _cups(rng) if things == "cups" else _drawers(rng)
    data = station.arm.data
    station.look.restore()
    station.look.change(Look(), rng)
    station.arm.reset(_joints(kinematics, laid.scene, rng))
    station.tabletop.lay(data, laid.scene)
    if laid.opened_m is not None:
        for side, opened_m in zip(SIDES, laid.opened_m, strict=True):
            data.joint(f"{side}_drawer").qpos = opened_m
        mujoco.mj_forward(station.arm.model, data)
    verb, thing = ("push", "cup") if things == "cups" else ("open", "drawer")
    points = np.array([seen_at(station, middle) for middle in laid.middles])
    return Still(
        square(station.camera.image(data), image_size),
        tuple(f"{verb}-{colour}-{thing}" for colour in laid.scene.colours),
        points,
    )


def seen_at(station: Station, place: Vector) -> Vector:
    """Where the camera sees `place` (3,) [m] in its square image: (2,) x and y, from 0 (left, top) to 1."""
    model, data = station.arm.model, station.arm.data
    camera = model.camera(CAMERA).id
    x, y, z = data.cam_xmat[camera].reshape(3, 3).T @ (place - data.cam_xpos[camera])  # z points backwards
    half = np.tan(np.radians(model.cam_fovy[camera]) / 2)
    return np.array([0.5 - x / z / half / 2, 0.5 + y / z / half / 2])


def _cups(rng: np.random.Generator) -> _Laid:
    scene = mixed_cup_scene(str(rng.choice([*SEEN_CUPS, *NOVEL_CUPS])), int(rng.integers(2**31)))
    positions = scene.positions.copy()
    if rng.random() < MOVED_SHARE:
        positions[rng.integers(len(positions))] += rng.uniform(0, MOVED_M) * FORWARD
    middles = np.column_stack([positions, np.full(len(positions), HEIGHT_M / 2)])
    return _Laid(replace(scene, positions=positions), middles)


def _drawers(rng: np.random.Generator) -> _Laid:
    scene = mixed_drawer_scene(str(rng.choice([*SEEN_DRAWERS, *NOVEL_DRAWERS])), int(rng.integers(2**31)))
    opened_m = np.zeros(len(SIDES))
    if rng.random() < MOVED_SHARE:
        opened_m[rng.integers(len(SIDES))] = rng.uniform(0, MOVED_M)
    middles = scene.fronts + np.array([0.0, 0.0, HANDLE_HEIGHT_M / 2])
    middles[:, 0] -= opened_m
    return _Laid(scene, middles, opened_m)


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
