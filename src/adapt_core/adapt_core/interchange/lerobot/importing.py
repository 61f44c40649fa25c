"""A LeRobotDataset v3.0, ours or another's, as an episode store."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import fields, replace
from itertools import chain
from pathlib import Path
from typing import NamedTuple

import numpy as np
from pydantic import ValidationError

from adapt_core.code_version import code_version
from adapt_core.durable import new_folder
from adapt_core.episode_store import EpisodeHeader, EpisodeStore
from adapt_core.episode_store.meta import META, EpisodeMeta
from adapt_core.errors import StoreError
from adapt_core.images import square
from adapt_core.interchange.lerobot.layout import (
    ACTION,
    CONTROL_STEP,
    END_EFFECTOR_NAMES,
    EPISODE_META,
    LABEL,
    OPERATOR,
    STAMP,
    STATE,
    SUCCESS,
    TIMESTAMP,
)
from adapt_core.interchange.lerobot.reader import Dataset, Row
from adapt_core.types import ActionSpace, ControlLoop, Image, LabelValue, Observation, Outcome, Vector

Progress = Callable[[int, int, str], None]  # (done, in all, what was done last)
METHOD = "demonstration"


class Judgement(NamedTuple):
    """Who judges imported episodes that have no label, and how."""

    value: LabelValue
    operator: str


def import_lerobot(
    source: Path,
    target: Path,
    camera: str = "",
    size: int | None = None,
    judgement: Judgement | None = None,
    progress: Progress = lambda done, total, what: None,
) -> int:
    """Make the new episode store `target` of the dataset `source`, there whole or not at all; how many episodes it has.

    What `export_lerobot` wrote comes back with its prompts, labels, stamps and outcome, under new ids. Of another's
    dataset the task is both prompts; poses are taken only where `observation.state` names them as `export_lerobot` does;
    the last action of an episode, after which nothing was seen, is left out. `camera` names the images where there are
    several; with `size`, they are cut to their middle square of so many pixels a side.

    Raises StoreError where `target` holds something or the dataset is damaged or of another version, StorageFullError.
    """
    dataset = Dataset(source, camera)
    with new_folder(target) as folder:
        store = EpisodeStore(folder)
        for done, row in enumerate(dataset.rows):
            progress(done, len(dataset.rows), row.task)
            _import(dataset, row, store, size, judgement)
        progress(len(dataset.rows), len(dataset.rows), "")
    return len(dataset.rows)


def _import(dataset: Dataset, row: Row, store: EpisodeStore, size: int | None, judgement: Judgement | None) -> None:
    meta = _stored_meta(row)
    images = (image if size is None else square(image, size) for image in dataset.images(row))
    first = next(images)
    header = replace(_header(dataset, row, meta), image_shape=first.shape[:2])
    with store.begin(header) as writer:
        for seen, action in _steps(dataset, row, chain([first], images)):
            writer.add_observation(seen, action, None)
        end = (Outcome.COMPLETED, "", None) if meta is None else (meta.outcome, meta.reason, meta.success)
        stored = writer.finish(*end)
    label = _label(row) or judgement
    if label is not None:
        store.label(stored.episode_id, label.value, label.operator)


def _steps(dataset: Dataset, row: Row, images: Iterator[Image]) -> Iterator[tuple[Observation, Vector | None]]:
    """What was seen, and the action before it."""
    numbers = dataset.numbers(row)
    poses = numbers.get(STATE) if dataset.names(STATE) == END_EFFECTOR_NAMES else None
    for i, image in enumerate(images):
        pose = None if poses is None or np.isnan(poses[i]).all() else poses[i].astype(np.float64)
        success = None if SUCCESS not in numbers or numbers[SUCCESS][i] < 0 else bool(numbers[SUCCESS][i])
        stamp_s = float(numbers[STAMP if STAMP in numbers else TIMESTAMP][i])
        step = int(numbers[CONTROL_STEP][i]) if CONTROL_STEP in numbers else i
        action = None if i == 0 else numbers[ACTION][i - 1].astype(np.float64)
        yield Observation(image, pose, stamp_s, step, success), action


def _stored_meta(row: Row) -> EpisodeMeta | None:
    """What `export_lerobot` wrote down of the episode; None in another's dataset."""
    if EPISODE_META not in row.columns:
        return None
    try:
        return META.validate_json(row.columns[EPISODE_META], strict=True)
    except ValidationError as error:
        raise StoreError(f"episode {row.index}: {EPISODE_META} cannot be read: {error}") from error


def _header(dataset: Dataset, row: Row, meta: EpisodeMeta | None) -> EpisodeHeader:
    """That of `meta`, or one made of what another's dataset says; the size of its images is not known here."""
    if meta is not None:
        return EpisodeHeader(**{field.name: getattr(meta, field.name) for field in fields(EpisodeHeader)})
    poses = dataset.names(ACTION) == END_EFFECTOR_NAMES
    return EpisodeHeader(
        run_id=dataset.folder.resolve().name,
        iteration=0,
        index=row.index,
        robot=dataset.robot,
        suite="lerobot",
        task_id=re.sub(r"[^a-z0-9]+", "-", row.task.lower()).strip("-"),
        in_domain_prompt=row.task,
        prior_prompt=row.task,
        novel=False,
        seed=row.index,
        method=METHOD,
        weights_version="",
        inverse_dynamics_version="",
        code_version=code_version(),
        control_loop=ControlLoop.OPEN,
        action_space=ActionSpace.END_EFFECTOR if poses else ActionSpace.RAW,
        frame_skip=1,
        image_shape=(0, 0),
    )


def _label(row: Row) -> Judgement | None:
    value = LabelValue(row.columns.get(LABEL, LabelValue.UNLABELED))
    return None if value is LabelValue.UNLABELED else Judgement(value, row.columns[OPERATOR])
