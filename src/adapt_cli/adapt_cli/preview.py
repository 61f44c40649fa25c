"""A motion that waits for approval, as a person sees it before the arm moves: in words and in pictures."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from adapt_core.types import Frames, Vector
from numpy.typing import NDArray
from PIL import Image as Picture

from adapt_cli.report import canvas

AXES = (("forward", "back"), ("left", "right"), ("up", "down"))  # +, - of x, y, z of a robot that looks along x
NOTHING_M, NOTHING_RAD = 0.005, np.deg2rad(2)
SHUT = 0.5  # opening below which the gripper is called shut
FRAME, GAP, MARGIN, TIME = 192, 6, 16, 24  # pixels


@dataclass(frozen=True, eq=False)
class Preview:
    """What the guard says of a motion before it lets it through.

    `poses` (n, 7) of the hand along the motion, evenly spaced in time; `reached_s` (m,) when each pose of the plan is
    reached, `openings` (m,) of the gripper then; `frames` (f, h, w, 3) imagined, None where the guard did not hear of them.
    """

    plan_hash: str
    poses: NDArray[np.float64]
    reached_s: Vector
    openings: Vector
    frames: Frames | None
    prompt: str


def in_words(preview: Preview) -> list[str]:
    """Lines that say how long, where to, how far, and what the gripper does."""
    positions = preview.poses[:, :3]
    way_m = np.linalg.norm(np.diff(positions, axis=0), axis=1).sum()
    duration_s = preview.reached_s[-1] if len(preview.reached_s) else 0.0
    low, count = positions[:, 2].argmin(), len(preview.reached_s)
    return [
        f"{count} pose{'s' if count != 1 else ''} in {duration_s:.1f} s; the hand goes {100 * way_m:.0f} cm",
        f"it ends {_direction(positions[-1] - positions[0])} of where it is{_turned(preview.poses)}",
        f"it is lowest at x {positions[low, 0]:.2f} y {positions[low, 1]:.2f} z {positions[low, 2]:.2f} m",
        ", ".join(_gripper(preview)),
    ]


def picture(preview: Preview) -> Picture.Image:
    """The imagined frames in a row, each with the time at which the motion reaches its pose. `frames` must be there."""
    assert preview.frames is not None
    pictures = [canvas.scaled(frame, FRAME) for frame in preview.frames]
    cell = pictures[0].width + GAP
    sheet, pen = canvas.blank(2 * MARGIN + len(pictures) * cell, 2 * MARGIN + 2 * TIME + FRAME)
    title = canvas.fitted(f"imagined: {preview.prompt}", 16, sheet.width - 2 * MARGIN, bold=True)
    pen.text((MARGIN, MARGIN), title, canvas.INK, canvas.font(16, bold=True))
    for column, frame in enumerate(pictures):
        left = MARGIN + column * cell
        acted_on = column < len(preview.reached_s)
        when = f"t = {preview.reached_s[column]:.2f} s" if acted_on else "not acted on"
        pen.text((left, MARGIN + TIME), when, canvas.FAINT, canvas.font(12))
        sheet.paste(frame if acted_on else canvas.dimmed(frame), (left, MARGIN + 2 * TIME))
    return sheet


def _direction(step: Vector) -> str:
    ways = [
        f"{100 * abs(length):.0f} cm {names[0] if length > 0 else names[1]}"
        for length, names in zip(step, AXES, strict=True)
        if abs(length) >= NOTHING_M
    ]
    return ", ".join(ways) or "within half a centimetre"


def _turned(poses: NDArray[np.float64]) -> str:
    angle = 2 * np.arccos(np.clip(abs(poses[0, 3:] @ poses[-1, 3:]), 0.0, 1.0))
    return f", turned by {np.degrees(angle):.0f}°" if angle > NOTHING_RAD else ""


def _gripper(preview: Preview) -> Iterator[str]:
    """What the gripper does, and when it has done it."""
    shut = preview.openings < SHUT
    if not len(shut):
        return
    yield f"the gripper is {'shut' if shut[0] else 'open'} at the first pose"
    for number in np.flatnonzero(np.diff(shut.astype(int))) + 1:
        yield f"{'shuts' if shut[number] else 'opens'} by {preview.reached_s[number]:.1f} s"
