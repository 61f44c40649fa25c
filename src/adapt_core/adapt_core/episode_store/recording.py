"""An episode while it is recorded: PNG files and JSON lines, readable up to the instant its process was killed.

A line is appended only after the images that it speaks of are written, so whatever has a line has its images.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from adapt_core.episode_store.meta import HEADER, EpisodeHeader, EpisodeMeta, started_at
from adapt_core.errors import StoreError
from adapt_core.images import is_whole_png
from adapt_core.types import Outcome

PREFIX = ".recording-"
HEADER_FILE = "header.json"
STEPS_FILE = "steps.jsonl"
PLANS_FILE = "plans.jsonl"
RESULT_FILE = "result.json"

T = TypeVar("T")


@dataclass(frozen=True)
class StepRow:
    """One recorded observation, and the action and the plan's index that led to it (None for the reset's)."""

    stamp_s: float
    step: int
    end_effector: list[float] | None
    action: list[float] | None
    plan: int | None
    success: bool | None


@dataclass(frozen=True)
class PlanRow:
    """One video plan: its number of frames and what `VideoPlan` says of it."""

    frames: int
    in_domain_prompt: str
    prior_prompt: str
    seed: int
    weights_version: str
    stamp_s: float


@dataclass(frozen=True)
class Result:
    """How the episode ended."""

    outcome: Outcome
    reason: str
    success: bool | None


STEP_ROW = TypeAdapter(StepRow)
PLAN_ROW = TypeAdapter(PlanRow)
RESULT = TypeAdapter(Result)


@dataclass(frozen=True)
class Recording:
    """What can be read of a recording. `result` is None when its process died before the episode ended."""

    folder: Path
    header: EpisodeHeader
    steps: list[StepRow]
    plans: list[PlanRow]
    result: Result | None

    @property
    def episode_id(self) -> str:
        """The episode's id, which the folder's name carries."""
        return self.folder.name.removeprefix(PREFIX)

    def meta(self, result: Result) -> EpisodeMeta:
        """The meta data of the episode that this recording becomes."""
        return EpisodeMeta(
            **vars(self.header),
            **vars(result),
            episode_id=self.episode_id,
            started_at=started_at(self.episode_id),
            frames=len(self.steps),
            plans=len(self.plans),
        )

    def truth(self) -> bool | None:
        """The world's word on success: True once it said so, else what it said last, None when it never did."""
        said = [row.success for row in self.steps if row.success is not None]
        return any(said) if said else None


def read_recording(folder: Path) -> Recording:
    """Read `folder` up to the first thing that is not whole. Raises StoreError when even the header is unreadable."""
    try:
        header = HEADER.validate_json((folder / HEADER_FILE).read_bytes(), strict=True)
    except (OSError, ValidationError) as error:
        raise StoreError(f"the recording {folder.name} has no readable header: {error}") from error
    started_at(folder.name.removeprefix(PREFIX))
    plans = _whole(_rows(folder / PLANS_FILE, PLAN_ROW), lambda i, row: plan_images(folder, i, row.frames))
    steps = _whole(_rows(folder / STEPS_FILE, STEP_ROW), lambda i, _: [frame_image(folder, i)])
    steps = [row if row.plan is None or row.plan < len(plans) else _without_plan(row) for row in steps]
    return Recording(folder, header, steps, plans, _result(folder / RESULT_FILE))


def to_json(value: EpisodeHeader | StepRow | PlanRow | Result) -> bytes:
    """One line of JSON, NaN and infinity included, floats exact."""
    return json.dumps(vars(value)).encode()


def frame_image(folder: Path, index: int) -> Path:
    """Where the image of observation `index` lies in a recording."""
    return folder / "frames" / f"{index:06}.png"


def plan_images(folder: Path, plan: int, frames: int) -> list[Path]:
    """Where the images of a plan lie in a recording."""
    return [folder / "plans" / f"{plan:04}" / f"{frame:03}.png" for frame in range(frames)]


def _rows(path: Path, adapter: TypeAdapter[T]) -> Iterator[T]:
    """Rows of a JSON-lines file up to the first torn one; none when the file is missing."""
    if not path.exists():
        return
    for line in path.read_bytes().splitlines(keepends=True):
        if not line.endswith(b"\n"):
            return
        try:
            yield adapter.validate_json(line, strict=True)
        except ValidationError:
            return


def _whole(rows: Iterator[T], images: Any) -> list[T]:
    """Rows up to the first whose images are not all there."""
    whole = []
    for index, row in enumerate(rows):
        if not all(path.is_file() and is_whole_png(path.read_bytes()) for path in images(index, row)):
            break
        whole.append(row)
    return whole


def _without_plan(row: StepRow) -> StepRow:
    return StepRow(row.stamp_s, row.step, row.end_effector, row.action, None, row.success)


def _result(path: Path) -> Result | None:
    try:
        return RESULT.validate_json(path.read_bytes(), strict=True)
    except (OSError, ValidationError):
        return None
