"""One picture an episode: imagined frames above what the camera really saw at the same instants."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from adapt_core.types import Frames, Image
from PIL import Image as Picture
from PIL import ImageDraw

from adapt_cli.report import canvas

FRAME = 128  # height of a frame, pixels
GAP = 4
MARGIN = 16
SIDE = 92  # the column that says which row is which
TIME = 22  # the line of instants above a pair of rows
HEADER = 80
BETWEEN = 18  # between one plan and the next


@dataclass(frozen=True, eq=False)
class ImaginedPlan:
    """Plan `index` of an episode: it starts from recorded frame `start`; its first `executed` frames were acted on."""

    index: int
    start: int
    frames: Frames
    executed: int


@dataclass(frozen=True)
class Strip:
    """All that one strip shows.

    `plans` are some of the episode's `plans_in_all`; `real` are all its recorded frames, taken at `times_s`.
    """

    title: str
    verdict: str
    success: bool | None
    details: str
    reason: str
    plans: Sequence[ImaginedPlan]
    plans_in_all: int
    real: Sequence[Image]
    times_s: Sequence[float]


def evenly_chosen(there: int, count: int = 3) -> list[int]:
    """The first of `there` things, the last one, and evenly spread ones between: at most `count` indices."""
    return sorted({round(index) for index in np.linspace(0, there - 1, min(count, there))}) if there else []


def draw_strip(strip: Strip) -> Picture.Image:
    """The picture of one episode."""
    plans = strip.plans
    columns = 1 + max((len(plan.frames) for plan in plans), default=8)
    cell = canvas.scaled(strip.real[0], FRAME).width + GAP
    pair = TIME + 2 * (FRAME + GAP) + BETWEEN
    rows = len(plans) * pair if plans else TIME + FRAME + GAP + BETWEEN
    sheet, pen = canvas.blank(2 * MARGIN + SIDE + columns * cell, HEADER + rows + MARGIN)
    _header(pen, strip, sheet.width)
    for index, plan in enumerate(plans):
        _pair(sheet, pen, strip, plan, HEADER + index * pair, cell)
    if plans:
        legend = "underlined in blue: acted on · faded: imagined, then replaced by the next plan"
        pen.text((MARGIN, sheet.height - MARGIN - 6), legend, canvas.FAINT, canvas.font(12))
    else:
        _only_real(sheet, pen, strip, columns, cell)
    return sheet


def _header(pen: ImageDraw.ImageDraw, strip: Strip, width: int) -> None:
    colour = canvas.verdict_colour(strip.success)
    verdict_width = canvas.font(20, bold=True).getlength(strip.verdict)
    title = canvas.fitted(strip.title, 20, int(width - 3 * MARGIN - verdict_width), bold=True)
    pen.text((MARGIN, MARGIN), title, canvas.INK, canvas.font(20, bold=True))
    pen.text((width - MARGIN - verdict_width, MARGIN), strip.verdict, colour, canvas.font(20, bold=True))
    pen.text((MARGIN, MARGIN + 28), canvas.fitted(strip.details, 13, width - 2 * MARGIN), canvas.FAINT, canvas.font(13))
    pen.text((MARGIN, MARGIN + 46), canvas.fitted(strip.reason, 13, width - 2 * MARGIN), colour, canvas.font(13))


def _pair(
    sheet: Picture.Image, pen: ImageDraw.ImageDraw, strip: Strip, plan: ImaginedPlan, top: int, cell: int
) -> None:
    """One plan: the frame that it starts from, then its frames above the recorded ones of the same instants."""
    upper, lower = top + TIME, top + TIME + FRAME + GAP
    _side(pen, upper, "imagined", canvas.IMAGINED, f"plan {plan.index + 1} of {strip.plans_in_all}")
    _side(pen, lower, "real", canvas.REAL)
    for column in range(len(plan.frames) + 1):
        left = MARGIN + SIDE + column * cell
        recorded = plan.start + column
        pen.text((left, top + 3), _instant(strip, recorded), canvas.FAINT, canvas.font(12))
        if column:
            imagined = canvas.scaled(plan.frames[column - 1], FRAME)
            followed = column <= plan.executed
            sheet.paste(imagined if followed else canvas.dimmed(imagined), (left, upper))
            _underline(pen, left, upper, imagined.width, canvas.IMAGINED if followed else canvas.PAPER)
        else:
            _note(pen, left, upper, "the plan\nstarts\nfrom here  ↓")
        if recorded < len(strip.real):
            sheet.paste(canvas.scaled(strip.real[recorded], FRAME), (left, lower))
        elif recorded == len(strip.real):
            _note(pen, left, lower, "the episode\nhad ended")


def _only_real(sheet: Picture.Image, pen: ImageDraw.ImageDraw, strip: Strip, columns: int, cell: int) -> None:
    """An episode without plans, such as a demonstration: recorded frames spread over it."""
    _side(pen, HEADER + TIME, "real", canvas.REAL)
    chosen = np.unique(np.linspace(0, len(strip.real) - 1, columns).round().astype(int))
    for column, recorded in enumerate(int(index) for index in chosen):
        left = MARGIN + SIDE + column * cell
        pen.text((left, HEADER + 3), _instant(strip, recorded), canvas.FAINT, canvas.font(12))
        sheet.paste(canvas.scaled(strip.real[recorded], FRAME), (left, HEADER + TIME))


def _instant(strip: Strip, recorded: int) -> str:
    if recorded >= len(strip.times_s):
        return ""
    return f"t = {strip.times_s[recorded] - strip.times_s[0]:.2f} s"


def _side(pen: ImageDraw.ImageDraw, top: int, text: str, colour: canvas.Colour, below: str = "") -> None:
    pen.text((MARGIN, top + FRAME // 2 - 16), text, colour, canvas.font(15, bold=True))
    pen.text((MARGIN, top + FRAME // 2 + 5), below, canvas.FAINT, canvas.font(12))


def _note(pen: ImageDraw.ImageDraw, left: int, top: int, text: str) -> None:
    pen.multiline_text((left + 10, top + FRAME // 2 - 22), text, canvas.FAINT, canvas.font(12), spacing=4)


def _underline(pen: ImageDraw.ImageDraw, left: int, top: int, width: int, colour: canvas.Colour) -> None:
    pen.rectangle((left, top + FRAME - 3, left + width - 1, top + FRAME - 1), fill=colour)
