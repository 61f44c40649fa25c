"""Pictures that say where things are, taken once and kept in a file."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import numpy as np
from adapt_core.durable import replacing
from adapt_core.errors import StoreError
from adapt_core.robots import Robot
from adapt_core.types import Frames
from numpy.typing import NDArray

from adapt_cli.bars import bar


@dataclass(frozen=True)
class TakenStills:
    """Pictures `images` (n, h, w, 3) and m things in them.

    Thing i is in the picture `image[i]` (m,), it is what the task with the id `tasks[i]` is about, and it is seen at
    `points[i]` (m, 2), x and y from 0 (left, top) to 1.
    """

    images: Frames
    image: NDArray[np.int64]
    tasks: NDArray[np.str_]
    points: NDArray[np.float64]


def stills(robot: Robot, count: int, path: Path) -> TakenStills:
    """`count` pictures of the robot's world in its camera's size, from `path` where they are there.

    Raises ConfigError for a world that takes none, StoreError for a file that cannot be read or holds another number.
    """
    if not path.exists():
        _write(_take(robot, count), path)
    taken = _read(path)
    if len(taken.images) != count:
        raise StoreError(f"{path} holds {len(taken.images)} pictures, not {count}: delete it, or ask for as many")
    return taken


def _take(robot: Robot, count: int) -> TakenStills:
    from adapt_sim.registry import stills_in

    taken = []
    with bar("stills") as report:
        for done, still in enumerate(stills_in(robot.world).take_stills(count, robot.camera.height), start=1):
            taken.append(still)
            report(done, count, "")
    return TakenStills(
        images=np.array([still.image for still in taken]),
        image=np.repeat(np.arange(count), [len(still.tasks) for still in taken]),
        tasks=np.array(list(chain.from_iterable(still.tasks for still in taken))),
        points=np.concatenate([still.points for still in taken]),
    )


def _write(taken: TakenStills, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with replacing(path) as unfinished, unfinished.open("wb") as file:
        np.savez(file, **vars(taken))


def _read(path: Path) -> TakenStills:
    try:
        with np.load(path) as arrays:
            return TakenStills(**{name: arrays[name] for name in arrays.files})
    except (OSError, ValueError, TypeError) as error:
        raise StoreError(f"{path} cannot be read ({error}): delete it, and the pictures are taken again") from error
