"""The success rate of each iteration with its Wilson interval, as a picture."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from adapt_cli.report.summary import IterationSummary


def draw_curve(iterations: Sequence[IterationSummary], title: str, path: Path) -> None:
    """Write the success curve of `iterations` to `path` as PNG."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    shown = [iteration for iteration in iterations if iteration.rate is not None]
    figure = Figure(figsize=(7.2, 4.6), dpi=130, layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    index = [iteration.index for iteration in shown]
    rate = [100 * (iteration.rate or 0.0) for iteration in shown]
    low = [r - 100 * (iteration.wilson_low or 0.0) for r, iteration in zip(rate, shown, strict=True)]
    high = [100 * (iteration.wilson_high or 0.0) - r for r, iteration in zip(rate, shown, strict=True)]
    if shown:
        axes.errorbar(index, rate, yerr=[low, high], color="#2563eb", fmt="o", markersize=8, linewidth=2, capsize=5)
        axes.plot(index, rate, color="#2563eb", linewidth=1.5, alpha=0.35)
    for x, y, iteration in zip(index, rate, shown, strict=True):
        axes.annotate(
            f"{iteration.successes}/{iteration.judged}",
            (x, y),
            textcoords="offset points",
            xytext=(12, -5),
            fontsize=11,
            bbox={"facecolor": "white", "edgecolor": "none", "pad": 1.5},
        )
    axes.set(ylim=(-5, 108), xlabel="iteration (0: before any finetuning on own experience)", ylabel="success rate [%]")
    axes.set_xlim(-0.4, max([iteration.index for iteration in iterations], default=0) + 0.6)
    axes.set_xticks([iteration.index for iteration in iterations])
    axes.set_title(title, fontsize=12, loc="left", pad=12)
    axes.grid(axis="y", alpha=0.3)
    axes.spines[["top", "right"]].set_visible(False)
    figure.supxlabel("bars: 95 % Wilson intervals; numbers: successes / judged episodes", fontsize=9, color="#666666")
    figure.savefig(path)
