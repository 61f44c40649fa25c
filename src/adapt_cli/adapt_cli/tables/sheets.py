"""For each task one picture: what each method imagined first in the same scene, above what then happened."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from PIL import Image as Picture

from adapt_cli.report import canvas
from adapt_cli.report.episode_pictures import strip_of
from adapt_cli.report.strip import draw_strip
from adapt_cli.tables.results import Result
from adapt_cli.tables.summary import iterations_of, labels_of, tasks_of

PALETTE = 128  # colours: a third of the file's size
PLANS = 1  # of each episode


def draw_sheets(results: Sequence[Result], folder: Path, name: str) -> list[Path]:
    """Write `<name>-<task>.png` for each task; their paths."""
    return [_draw_sheet(results, task, folder / f"{name}-{task}.png") for task in tasks_of(results)]


def _draw_sheet(results: Sequence[Result], task: str, path: Path) -> Path:
    strips = [_strip(result) for result in _shown([result for result in results if result.task.id == task])]
    sheet, _ = canvas.blank(max(strip.width for strip in strips), sum(strip.height for strip in strips))
    top = 0
    for strip in strips:
        sheet.paste(strip, (0, top))
        top += strip.height
    sheet.quantize(PALETTE).save(path, optimize=True)
    return path


def _shown(results: Sequence[Result]) -> list[Result]:
    """Of each method the first run's first and last iteration."""
    shown = []
    for label in labels_of(results):
        iterations = iterations_of(results, label)
        for iteration in dict.fromkeys((iterations[0], iterations[-1])):
            shown.append(next(one for one in results if (one.label, one.iteration) == (label, iteration)))
    return shown


def _strip(result: Result) -> Picture.Image:
    strip = strip_of(result.store, result.episodes[0])
    title = result.label + (f", iteration {result.iteration}" if result.cell.filter else "")
    return draw_strip(replace(strip, title=f"{title}: {strip.title}", plans=strip.plans[:PLANS]))
