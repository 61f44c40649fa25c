"""Text and frames on a picture: the little that strips and overview share."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
from adapt_core.types import Image
from PIL import Image as Picture
from PIL import ImageDraw, ImageFont

Colour = tuple[int, int, int]
INK: Colour = (32, 36, 44)
FAINT: Colour = (118, 124, 134)
PAPER: Colour = (255, 255, 255)
IMAGINED: Colour = (37, 99, 235)
REAL: Colour = (71, 78, 90)
GOOD: Colour = (22, 140, 70)
BAD: Colour = (200, 44, 44)
UNKNOWN: Colour = (190, 130, 20)


@cache
def font(size: int, bold: bool = False) -> ImageFont.FreeTypeFont:
    """DejaVu Sans, which matplotlib always brings along."""
    import matplotlib

    name = "DejaVuSans-Bold.ttf" if bold else "DejaVuSans.ttf"
    return ImageFont.truetype(str(Path(matplotlib.get_data_path()) / "fonts" / "ttf" / name), size)


def blank(width: int, height: int) -> tuple[Picture.Image, ImageDraw.ImageDraw]:
    """An empty sheet and the pen to write on it."""
    sheet = Picture.new("RGB", (width, height), PAPER)
    return sheet, ImageDraw.Draw(sheet)


def scaled(image: Image, height: int) -> Picture.Image:
    """A frame at `height` pixels, its proportions kept."""
    picture = Picture.fromarray(np.ascontiguousarray(image))
    width = max(1, round(picture.width * height / picture.height))
    return picture.resize((width, height), Picture.Resampling.LANCZOS)


def dimmed(picture: Picture.Image) -> Picture.Image:
    """The same picture, washed out."""
    return Picture.blend(picture, Picture.new("RGB", picture.size, PAPER), 0.45)


def fitted(text: str, size: int, width: int, bold: bool = False) -> str:
    """`text`, cut with an ellipsis where it is wider than `width` pixels."""
    if font(size, bold).getlength(text) <= width:
        return text
    while text and font(size, bold).getlength(text + "…") > width:
        text = text[:-1]
    return text.rstrip() + "…"


def verdict_colour(success: bool | None) -> Colour:
    """Green, red, or amber where nobody has judged."""
    return UNKNOWN if success is None else GOOD if success else BAD
