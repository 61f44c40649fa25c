"""Three cups on the table; the named one is to be pushed forward."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
from adapt_core.errors import UnknownTaskError
from adapt_core.types import Vector
from numpy.typing import NDArray

from adapt_sim.panda.colours import COLOURS, NOVEL_CUPS, SEEN_CUPS
from adapt_sim.panda.table_scene import CYLINDER, FRICTION, MOVABLE, SEEN_ONLY

COUNT = 3
RADIUS_M, HEIGHT_M, MASS_KG = 0.042, 0.10, 0.12
FORWARD = np.array([1.0, 0.0])  # away from the robot's base
PUSHED_M, UNMOVED_M = 0.10, 0.02
ROW_X_M, SPACING_M = (0.44, 0.52), (0.155, 0.175)  # the cups' distance from the base, and from each other
ROW_CENTRE_Y_M, JITTER_M = (-0.05, 0.05), 0.01
INSIDE = (0.12, 0.12, 0.13, 1.0)


@dataclass(frozen=True)
class CupScene:
    """Three cups from left to right: their `colours`, where they stand, `positions` (3, 2) [m], and which is `named`."""

    colours: tuple[str, ...]
    positions: NDArray[np.float64]
    named: int

    @property
    def key(self) -> tuple[int, ...]:
        """Numbers that stand for what is seen, whichever is named."""
        return (*"".join(self.colours).encode(), *self.positions.tobytes())


def cup_partners(colour: str) -> tuple[tuple[str, str], ...]:
    """The pairs of seen colours that stand with a cup of `colour`: three for a seen one, six for a novel one.

    A seen colour with one of its pairs is one of the 12 tasks of SAIL. Raises UnknownTaskError.
    """
    if colour not in (*SEEN_CUPS, *NOVEL_CUPS):
        raise UnknownTaskError(f"there is no {colour} cup; there are: {', '.join((*SEEN_CUPS, *NOVEL_CUPS))}")
    return tuple(combinations([other for other in SEEN_CUPS if other != colour], 2))


def cup_scene(colour: str, seed: int) -> CupScene:
    """The scene of `seed` in which the cup of `colour` is named; following seeds take the partners by turns.

    Order and places are drawn. Raises UnknownTaskError.
    """
    pairs = cup_partners(colour)
    colours = (colour, *pairs[seed % len(pairs)])
    return _arranged(colour, colours, np.random.default_rng([seed, *colour.encode()]))


def mixed_cup_scene(colour: str, seed: int) -> CupScene:
    """A scene of any three colours; the three tasks with these have it in common: one image, three instructions.

    Following seeds take the pairs of the other five colours by turns. Raises UnknownTaskError.
    """
    cup_partners(colour)
    others = [other for other in (*SEEN_CUPS, *NOVEL_CUPS) if other != colour]
    pairs = list(combinations(others, 2))
    together = sorted([colour, *pairs[seed % len(pairs)]])
    return _arranged(colour, together, np.random.default_rng([seed // len(pairs), *"".join(together).encode()]))


def _arranged(named: str, together: Sequence[str], rng: np.random.Generator) -> CupScene:
    """Cups of the colours `together` in an order and at places that are drawn."""
    colours = tuple(rng.permutation(list(together)).tolist())
    y = rng.uniform(*ROW_CENTRE_Y_M) + rng.uniform(*SPACING_M) * np.array([1.0, 0.0, -1.0])
    positions = np.stack([np.full(COUNT, rng.uniform(*ROW_X_M)), y], axis=1)  # (3, 2)
    return CupScene(colours, positions + rng.uniform(-JITTER_M, JITTER_M, positions.shape), colours.index(named))


class Cups:
    """The cups of one MuJoCo scene."""

    def __init__(self) -> None:
        self._scene: CupScene | None = None

    @staticmethod
    def add_to(spec: Any) -> None:
        """Put three cups into `spec` (mujoco.MjSpec)."""
        for index in range(COUNT):
            cup = spec.worldbody.add_body(name=f"cup{index}", pos=[0.5, 0.2 * index, HEIGHT_M / 2])
            cup.add_freejoint(name=f"cup{index}")
            size = [RADIUS_M, HEIGHT_M / 2, 0]
            cup.add_geom(
                name=f"cup{index}", type=CYLINDER, size=size, mass=MASS_KG, friction=FRICTION, condim=4, **MOVABLE
            )
            inside = [0.84 * RADIUS_M, 0.001, 0]
            cup.add_geom(type=CYLINDER, size=inside, pos=[0, 0, HEIGHT_M / 2], rgba=INSIDE, **SEEN_ONLY)

    def arrange(self, model: Any, data: Any, scene: CupScene) -> None:
        """Place the cups and colour them, after a reset of `data`."""
        self._scene = scene
        for index, (colour, position) in enumerate(zip(scene.colours, scene.positions, strict=True)):
            model.geom(f"cup{index}").rgba[:3] = COLOURS[colour]
            data.joint(f"cup{index}").qpos = [*position, HEIGHT_M / 2, 1.0, 0.0, 0.0, 0.0]

    def move(self, data: Any, moved_m: Vector) -> None:
        """Put each cup `moved_m` (3,) forward of where it stands in the scene, after `arrange`."""
        assert self._scene is not None
        for index, (position, moved) in enumerate(zip(self._scene.positions, moved_m, strict=True)):
            data.joint(f"cup{index}").qpos[:2] = position + moved * FORWARD

    def moved_m(self, data: Any) -> NDArray[np.float64]:
        """How far each cup is from where it stood, (3, 2)."""
        assert self._scene is not None
        return np.array([data.body(f"cup{index}").xpos[:2] for index in range(COUNT)]) - self._scene.positions

    def success(self, data: Any) -> bool:
        """Whether the named cup was moved at least 10 cm forward and the others at most 2 cm in any direction."""
        return self._scene is not None and pushed(self.moved_m(data), self._scene.named)


def pushed(moved_m: NDArray[np.float64], named: int) -> bool:
    """The success of the cups that moved by `moved_m` (3, 2)."""
    others: Vector = np.linalg.norm(np.delete(moved_m, named, axis=0), axis=1)
    return bool(moved_m[named] @ FORWARD >= PUSHED_M and (others <= UNMOVED_M).all())
