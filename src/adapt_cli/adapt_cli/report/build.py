"""Makes the whole report of a run again from what is on disk."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from adapt_core.durable import write_whole
from adapt_core.episode_store import EpisodeMeta, EpisodeStore
from adapt_core.run_folder import RunFolder

from adapt_cli.report.curve import draw_curve
from adapt_cli.report.episode_pictures import strip_name, tile_of, write_ends, write_strip
from adapt_cli.report.markdown import markdown, percent
from adapt_cli.report.overview import draw_overview
from adapt_cli.report.summary import RunSummary, summarise

MOST_TILES = 20  # of an iteration in the overview; the strips show all


@dataclass(frozen=True)
class Report:
    """Where the parts of a report lie, and what they say."""

    folder: Path
    summary: RunSummary

    @property
    def strips(self) -> Path:
        """Folder of the episodes' strips."""
        return self.folder / "strips"


def report_folder(run: RunFolder) -> Path:
    """Where a run's report lies."""
    return run.path / "report"


def build_report(run: RunFolder, store: EpisodeStore, progress: Callable[[int, int], None] | None = None) -> Report:
    """Write summary, curve, overview and strips. Raises ConfigError where the run has no episodes."""
    report = Report(report_folder(run), summarise(run, store))
    report.folder.mkdir(parents=True, exist_ok=True)
    write_whole(report.folder / "summary.json", (json.dumps(asdict(report.summary), indent=2) + "\n").encode())
    write_whole(report.folder / "summary.md", markdown(report.summary).encode())
    draw_curve(report.summary.iterations, _title(report.summary), report.folder / "success_curve.png")
    seen = [meta for meta in store.episodes() if meta.frames]
    for done, meta in enumerate(seen, start=1):
        write_strip(store, meta, report.strips / strip_name(meta))
        if progress is not None:
            progress(done, len(seen))
    _write_overview(report, store, seen)
    return report


def write_label_pictures(store: EpisodeStore, meta: EpisodeMeta, run: Path) -> tuple[Path, Path, Path]:
    """First frame, last frame and strip of an episode that waits for its label; their paths."""
    folder = report_folder(RunFolder(run))
    strip = folder / "strips" / strip_name(meta)
    write_strip(store, meta, strip)
    return *write_ends(store, meta, folder / "label"), strip


def _write_overview(report: Report, store: EpisodeStore, metas: Sequence[EpisodeMeta]) -> None:
    shown = [
        meta
        for iteration in sorted({meta.iteration for meta in metas})
        for meta in [other for other in metas if other.iteration == iteration][:MOST_TILES]
    ]
    if not shown:
        return
    titles = {
        one.index: f"iteration {one.index}: {one.successes} of {one.judged} succeeded ({percent(one)[0]}), "
        f"weights {one.weights_version}"
        for one in report.summary.iterations
    }
    details = (
        f"run {report.summary.run} · each pair: first and last frame · green: success, red: failure, amber: not judged"
    )
    sheet = draw_overview(_title(report.summary), details, [tile_of(store, meta) for meta in shown], titles)
    sheet.save(report.folder / "overview.png")


def _title(summary: RunSummary) -> str:
    return f"{summary.robot} / {summary.task}: “{summary.prompts['prior']}”"
