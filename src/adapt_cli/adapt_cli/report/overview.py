"""All episodes of a run at a glance: first and last frame of each, a row an iteration."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from adapt_core.types import Image
from PIL import Image as Picture
from PIL import ImageDraw

from adapt_cli.report import canvas

FRAME = 112
COLUMNS = 5
GAP = 14
FRAMED = 4  # width of the coloured frame
CAPTION = 24
MARGIN = 16
HEADER = 70
ROW_TITLE = 30


@dataclass(frozen=True, eq=False)
class Tile:
    """One episode: where it belongs, its first and last frame, and how it ended."""

    iteration: int
    caption: str
    success: bool | None
    first: Image
    last: Image


def draw_overview(title: str, details: str, tiles: Sequence[Tile], row_titles: dict[int, str]) -> Picture.Image:
    """The picture of a run; `row_titles` says what to write above each iteration."""
    width, height = _tile_size(tiles[0])
    rows = {
        index: [tile for tile in tiles if tile.iteration == index] for index in sorted({t.iteration for t in tiles})
    }
    lines = sum(-(-len(row) // COLUMNS) for row in rows.values())
    columns = min(COLUMNS, max(len(row) for row in rows.values()))
    sheet_width = max(2 * MARGIN + columns * (width + GAP) - GAP, 900)
    sheet, pen = canvas.blank(sheet_width, HEADER + len(rows) * ROW_TITLE + lines * (height + GAP) + MARGIN)
    pen.text((MARGIN, MARGIN), title, canvas.INK, canvas.font(20, bold=True))
    pen.text((MARGIN, MARGIN + 28), canvas.fitted(details, 13, sheet_width - 2 * MARGIN), canvas.FAINT, canvas.font(13))
    top = HEADER
    for iteration, row in rows.items():
        pen.text(
            (MARGIN, top + 4),
            row_titles.get(iteration, f"iteration {iteration}"),
            canvas.INK,
            canvas.font(15, bold=True),
        )
        top += ROW_TITLE
        for index, tile in enumerate(row):
            _paste(sheet, pen, tile, MARGIN + index % COLUMNS * (width + GAP), top + index // COLUMNS * (height + GAP))
        top += -(-len(row) // COLUMNS) * (height + GAP)
    return sheet


def _tile_size(tile: Tile) -> tuple[int, int]:
    return 2 * canvas.scaled(tile.first, FRAME).width + 3 * FRAMED, FRAME + 2 * FRAMED + CAPTION


def _paste(sheet: Picture.Image, pen: ImageDraw.ImageDraw, tile: Tile, left: int, top: int) -> None:
    width, _ = _tile_size(tile)
    colour = canvas.verdict_colour(tile.success)
    pen.rectangle((left, top, left + width - 1, top + FRAME + 2 * FRAMED - 1), fill=colour)
    first = canvas.scaled(tile.first, FRAME)
    sheet.paste(first, (left + FRAMED, top + FRAMED))
    sheet.paste(canvas.scaled(tile.last, FRAME), (left + 2 * FRAMED + first.width, top + FRAMED))
    pen.text((left, top + FRAME + 2 * FRAMED + 3), canvas.fitted(tile.caption, 13, width), colour, canvas.font(13))
