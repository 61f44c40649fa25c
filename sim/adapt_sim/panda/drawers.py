"""Two drawers side by side on the table; the named one is to be opened."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import Any

import mujoco
import numpy as np
from adapt_core.errors import UnknownTaskError
from adapt_core.types import Vector

from adapt_sim.panda.colours import COLOURS, NOVEL_DRAWERS, SEEN_DRAWERS
from adapt_sim.panda.table_scene import BOX, FIXTURE, SEEN_ONLY

SLIDE = mujoco.mjtJoint.mjJNT_SLIDE
SIDES = ("left", "right")  # as seen from the robot
OPENED_M, SHUT_M = 0.10, 0.01
TRAVEL_M = 0.16
WIDTH_M, DEPTH_M, HEIGHT_M, WALL_M = 0.17, 0.20, 0.12, 0.008  # of a cabinet, y x z
HANDLE_HEIGHT_M, STEM_LENGTH_M, STEM_WIDTH_M = 0.095, 0.06, 0.014
HEAD_M = (0.008, 0.05, 0.03)  # the plate at the stem's end
CABINET_FRICTION_N = 8.0  # on the table
PLAY_N_M, PLAY_M = 1200.0, 0.015  # how much and how far a handle gives
CABINET, HANDLE = (0.85, 0.84, 0.80, 1.0), (0.25, 0.25, 0.27, 1.0)
FRONT_X_M = (0.50, 0.54)  # distance of the fronts from the base
CENTRE_Y_M = (-0.06, 0.0, 0.06)
GAP_M = (0.02, 0.05)  # between the two
JITTER_M = 0.004


@dataclass(frozen=True)
class Placement:
    """One of the 24 ways to put two drawers on the table: on which `side` the named one stands, and where both do."""

    side: str
    centre_y_m: float
    front_x_m: float
    gap_m: float

    def front(self, side: str) -> Vector:
        """Middle of the lower edge of the front on `side`, (3,) [m]."""
        offset = (WIDTH_M + self.gap_m) / 2
        return np.array([self.front_x_m, self.centre_y_m + (offset if side == SIDES[0] else -offset), 0.0])


PLACEMENTS = tuple(Placement(*chosen) for chosen in product(SIDES, CENTRE_Y_M, FRONT_X_M, GAP_M))
assert len(PLACEMENTS) == 24


@dataclass(frozen=True)
class DrawerScene:
    """Drawers left and right with their `colours` and `fronts` (2, 3) [m], and which is `named`."""

    colours: tuple[str, str]
    fronts: np.ndarray
    named: int

    @property
    def key(self) -> tuple[int, ...]:
        """Numbers that stand for what is seen, whichever is named."""
        return (*"".join(self.colours).encode(), *self.fronts.tobytes())


def drawer_partners(colour: str) -> tuple[str, ...]:
    """The seen colours that stand beside a drawer of `colour`. Raises UnknownTaskError."""
    if colour not in (*SEEN_DRAWERS, *NOVEL_DRAWERS):
        raise UnknownTaskError(f"there is no {colour} drawer; there are: {', '.join((*SEEN_DRAWERS, *NOVEL_DRAWERS))}")
    return tuple(other for other in SEEN_DRAWERS if other != colour)


def drawer_placements(colour: str) -> tuple[Placement, ...]:
    """All 24 for a seen colour, for a novel one the half that it is evaluated on: near and narrow, or far and wide."""
    half = tuple(place for place in PLACEMENTS if (place.front_x_m == FRONT_X_M[0]) == (place.gap_m == GAP_M[0]))
    return PLACEMENTS if colour in SEEN_DRAWERS else half


def drawer_scene(colour: str, seed: int) -> DrawerScene:
    """The scene of `seed` in which the drawer of `colour` is named.

    Following seeds take each partner in each placement once, then begin again. Raises UnknownTaskError.
    """
    choices = list(product(drawer_placements(colour), drawer_partners(colour)))
    place, other = choices[seed % len(choices)]
    named = SIDES.index(place.side)
    jitter = np.random.default_rng([seed, *colour.encode()]).uniform(-JITTER_M, JITTER_M, 2)
    fronts = np.array([place.front(side) + np.append(jitter, 0.0) for side in SIDES])
    return DrawerScene((colour, other) if named == 0 else (other, colour), fronts, named)


def mixed_drawer_scene(colour: str, seed: int) -> DrawerScene:
    """A scene of any two colours anywhere between the placements; two tasks have it in common.

    Following seeds take the other three colours by turns. Raises UnknownTaskError.
    """
    drawer_partners(colour)
    others = [other for other in (*SEEN_DRAWERS, *NOVEL_DRAWERS) if other != colour]
    together = sorted([colour, others[seed % len(others)]])
    rng = np.random.default_rng([seed // len(others), *"".join(together).encode()])
    left, right = rng.permutation(together).tolist()
    ranges = (CENTRE_Y_M[0], CENTRE_Y_M[-1]), FRONT_X_M, GAP_M
    place = Placement(SIDES[0], *(float(rng.uniform(*limits)) for limits in ranges))
    return DrawerScene((left, right), np.array([place.front(side) for side in SIDES]), (left, right).index(colour))


class Drawers:
    """The drawers of one MuJoCo scene."""

    def __init__(self) -> None:
        self._scene: DrawerScene | None = None

    @staticmethod
    def add_to(spec: Any) -> None:
        """Put two cabinets with a drawer each into `spec` (mujoco.MjSpec)."""
        for side in SIDES:
            cabinet = spec.worldbody.add_body(name=f"{side}_cabinet", pos=PLACEMENTS[0].front(side))
            _add_cabinet(cabinet)
            _add_drawer(cabinet.add_body(name=f"{side}_drawer"), side)

    def arrange(self, model: Any, data: Any, scene: DrawerScene) -> None:
        """Place the cabinets and colour their drawers, after a reset of `data`."""
        self._scene = scene
        for side, colour, front in zip(SIDES, scene.colours, scene.fronts, strict=True):
            model.body(f"{side}_cabinet").pos = front
            for geom in range(model.ngeom):
                if model.geom(geom).name.startswith(f"{side}_drawer"):
                    model.geom(geom).rgba[:3] = COLOURS[colour]

    def move(self, data: Any, moved_m: Vector) -> None:
        """Open each drawer by `moved_m` (2,), after `arrange`."""
        for side, moved in zip(SIDES, moved_m, strict=True):
            data.joint(f"{side}_drawer").qpos = moved

    def opened_m(self, data: Any) -> Vector:
        """How far each drawer is open, (2,)."""
        return np.array([data.joint(f"{side}_drawer").qpos[0] for side in SIDES])

    def success(self, data: Any) -> bool:
        """Whether the named drawer is open by at least 10 cm and the other one shut."""
        return self._scene is not None and opened(self.opened_m(data), self._scene.named)


def opened(opened_m: Vector, named: int) -> bool:
    """The success of drawers that are open by `opened_m` (2,)."""
    return bool(opened_m[named] >= OPENED_M and opened_m[1 - named] <= SHUT_M)


def _add_cabinet(cabinet: Any) -> None:
    """Walls, top and back around the drawer, behind the front's lower edge; what pushes it hard shifts it on the table."""
    for axis in ([1, 0, 0], [0, 1, 0]):
        cabinet.add_joint(type=SLIDE, axis=axis, damping=20.0, frictionloss=CABINET_FRICTION_N)
    x, z = DEPTH_M / 2, HEIGHT_M / 2
    for side in (-1, 1):
        _add_box(cabinet, [x, side * (WIDTH_M - WALL_M) / 2, z], [DEPTH_M, WALL_M, HEIGHT_M], CABINET, **FIXTURE)
    _add_box(cabinet, [x, 0, HEIGHT_M - WALL_M / 2], [DEPTH_M, WIDTH_M, WALL_M], CABINET, **FIXTURE)
    _add_box(cabinet, [DEPTH_M - WALL_M / 2, 0, z], [WALL_M, WIDTH_M, HEIGHT_M], CABINET, **FIXTURE)


def _add_drawer(drawer: Any, side: str) -> None:
    """A box without a lid that slides towards the robot, with a T-shaped handle."""
    drawer.add_joint(
        name=f"{side}_drawer",
        type=SLIDE,
        axis=[-1, 0, 0],
        range=[0, TRAVEL_M],
        limited=True,
        damping=8.0,
        frictionloss=1.5,
    )
    inner, depth, height = WIDTH_M - 3 * WALL_M, DEPTH_M - 2 * WALL_M, HEIGHT_M - 3 * WALL_M
    front = [WALL_M, WIDTH_M - WALL_M, HEIGHT_M - WALL_M]
    _add_box(drawer, [-WALL_M / 2, 0, HEIGHT_M / 2], front, name=f"{side}_drawer_front", mass=0.3, **FIXTURE)
    _add_box(drawer, [depth / 2, 0, 2 * WALL_M], [depth, inner, WALL_M], name=f"{side}_drawer_floor", **SEEN_ONLY)
    for wall in (-1, 1):
        middle = [depth / 2, wall * (inner - WALL_M) / 2, height / 2 + WALL_M]
        _add_box(drawer, middle, [depth, WALL_M, height], name=f"{side}_drawer_wall{wall}", **SEEN_ONLY)
    _add_handle(drawer.add_body(name=f"{side}_handle", pos=[-WALL_M, 0, HANDLE_HEIGHT_M], gravcomp=1.0))


def _add_handle(handle: Any) -> None:
    """A stem with a plate at its end; it gives a little upwards and downwards."""
    handle.add_joint(
        type=SLIDE, axis=[0, 0, 1], stiffness=PLAY_N_M, damping=20.0, range=[-PLAY_M, PLAY_M], limited=True
    )
    _add_box(handle, [-STEM_LENGTH_M / 2, 0, 0], [STEM_LENGTH_M, STEM_WIDTH_M, HEAD_M[2]], HANDLE, mass=0.1, **FIXTURE)
    _add_box(handle, [-STEM_LENGTH_M - HEAD_M[0] / 2, 0, 0], HEAD_M, HANDLE, mass=0.1, **FIXTURE)


def _add_box(body: Any, centre: Any, size: Any, rgba: Any = CABINET, **settings: Any) -> None:
    """A box with full edge lengths `size`."""
    body.add_geom(type=BOX, pos=centre, size=np.array(size) / 2, rgba=rgba, **settings)
