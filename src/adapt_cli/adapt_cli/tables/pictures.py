"""Rates with their intervals as pictures: method by method, or iteration by iteration."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from textwrap import fill
from typing import Any

from adapt_core.tables import EXTRA_STEPS, Control

from adapt_cli.tables.results import Result
from adapt_cli.tables.summary import Rate, iterations_of, labels_of, rate_of, tasks_of

COLOURS = ("#2563eb", "#dc6803", "#0e9384", "#9333ea", "#c11574", "#4d7c0f", "#b42318")
ORDER = ("ipa", "in_domain", "pa", "vanilla", EXTRA_STEPS)  # of colours, the same in each picture
GREY = "#8a8f98"
CONTROL_MARKS = {Control.RANDOM_WAYPOINT.value: "v", Control.EXPERT_FRAMES.value: "^"}
WIDE, HIGH, COLUMNS = 4.2, 3.4, 4  # of a panel, inches; panels in a row
LEGEND_ENTRY = 1.9  # inches
LETTERS_PER_INCH = 11  # of the title
RATE = "success [%], with 95 % Wilson interval"
EVERY_TASK = "all tasks"


def draw_rates(results: Sequence[Result], title: str, path: Path) -> None:
    """Write the rates of `results` to `path` as PNG: curves where something was learned."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    tasks: list[str | None] = [*tasks_of(results)]
    learned = any(result.iteration for result in results)
    if len(tasks) > 1:
        tasks.append(None)
    columns = min(COLUMNS, len(tasks)) if learned else 1
    rows = -(-len(tasks) // columns) if learned else 1
    size = (max(7.0, WIDE * columns), HIGH * rows + 1.0) if learned else (max(7.0, 1.6 * len(tasks) + 2), 4.8)
    figure = Figure(figsize=size, dpi=110, layout="constrained")
    FigureCanvasAgg(figure)
    panels = figure.subplots(rows, columns, squeeze=False, sharey=True).ravel()
    if learned:
        for panel, task in zip(panels, tasks, strict=False):
            _curves(panel, results, task)
        for panel in panels[len(tasks) :]:
            panel.set_axis_off()
    else:
        _points(panels[0], results, tasks)
    for panel in panels[::columns]:
        panel.set_ylabel(RATE)
    figure.suptitle(fill(title, round(LETTERS_PER_INCH * figure.get_figwidth())), fontsize=12, x=0.01, ha="left")
    handles, names = panels[0].get_legend_handles_labels()
    figure.legend(
        handles, names, loc="outside lower center", ncols=max(2, int(size[0] / LEGEND_ENTRY)), frameon=False, fontsize=9
    )
    figure.savefig(path)


def _points(axes: Any, results: Sequence[Result], tasks: Sequence[str | None]) -> None:
    """A group a task, a point a method."""
    labels = labels_of(results)
    for number, label in enumerate(labels):
        offset = 0.7 * ((number + 0.5) / len(labels) - 0.5)
        rates = [rate_of(results, label, 0, task) for task in tasks]
        _errorbar(axes, [index + offset for index in range(len(tasks))], rates, label, labels)
    for edge in range(1, len(tasks)):
        axes.axvline(edge - 0.5, color="#e4e7ec", linewidth=1)
    axes.set_xticks(range(len(tasks)), [_head(results, task) for task in tasks], fontsize=9)
    axes.set_xlim(-0.5, len(tasks) - 0.5)
    _dress(axes)


def _curves(axes: Any, results: Sequence[Result], task: str | None) -> None:
    """A line a method over its iterations; controls, which learn nothing, as a band through all of them."""
    labels = labels_of(results)
    last = max(result.iteration for result in results)
    for label in labels:
        mine = [result for result in results if result.label == label]
        iterations = iterations_of(mine, label)
        rates = [rate_of(mine, label, iteration, task) for iteration in iterations]
        if label in CONTROL_MARKS:
            _band(axes, rates[0], label, labels)
        else:
            methods = _methods(labels)
            shift = 0.05 * (methods.index(label) - (len(methods) - 1) / 2)
            _errorbar(axes, [iteration + shift for iteration in iterations], rates, label, labels, line=True)
    axes.set_title(_head(results, task).replace("\n", " "), fontsize=10)
    axes.set_xticks(range(last + 1))
    axes.set_xlim(-0.4, last + 0.4)
    axes.set_xlabel("iteration", fontsize=9)
    _dress(axes)


def _errorbar(
    axes: Any, x: Sequence[float], rates: Sequence[Rate], label: str, labels: Sequence[str], line: bool = False
) -> None:
    tried = [(place, rate) for place, rate in zip(x, rates, strict=True) if rate.episodes]
    y = [100 * rate.rate for _, rate in tried]
    low = [100 * (rate.rate - rate.interval.low) for _, rate in tried]
    high = [100 * (rate.interval.high - rate.rate) for _, rate in tried]
    style = {"marker": CONTROL_MARKS.get(label, "o"), "color": _colour(label, labels), "markersize": 6, "capsize": 3}
    dashes = "--" if label.startswith(EXTRA_STEPS) else "-"
    axes.errorbar([place for place, _ in tried], y, yerr=[low, high], label=label, ls=dashes if line else "", **style)


def _band(axes: Any, rate: Rate, label: str, labels: Sequence[str]) -> None:
    low, high = rate.interval
    dashes = ":" if label == Control.RANDOM_WAYPOINT else "-."
    axes.axhline(100 * rate.rate, color=_colour(label, labels), ls=dashes, linewidth=1.5, label=label)
    axes.axhspan(100 * low, 100 * high, color=_colour(label, labels), alpha=0.08, linewidth=0)


def _colour(label: str, labels: Sequence[str]) -> str:
    if label == Control.RANDOM_WAYPOINT:
        return GREY
    if label == Control.EXPERT_FRAMES:
        return "#1f2937"
    ranked = sorted(_methods(labels), key=lambda other: ORDER.index(other.split()[0]))
    return COLOURS[ranked.index(label) % len(COLOURS)]


def _methods(labels: Sequence[str]) -> list[str]:
    return [label for label in labels if label not in CONTROL_MARKS]


def _head(results: Sequence[Result], task: str | None) -> str:
    if task is None:
        return EVERY_TASK
    seen = not next(result.task.novel for result in results if result.task.id == task)
    return f"{task}\n(seen)" if seen else task


def _dress(axes: Any) -> None:
    axes.set_ylim(-4, 104)
    axes.grid(axis="y", alpha=0.3)
    axes.spines[["top", "right"]].set_visible(False)
