"""The pictures of one stored episode."""

from __future__ import annotations

from pathlib import Path

from adapt_core.episode_store import EpisodeMeta, EpisodeStore
from PIL import Image as Picture

from adapt_cli.report.overview import Tile
from adapt_cli.report.strip import ImaginedPlan, Strip, draw_strip, evenly_chosen
from adapt_cli.report.verdict import verdict, verdict_word


def strip_name(meta: EpisodeMeta) -> str:
    """The file name of an episode's strip."""
    return f"{meta.iteration}-{meta.index}-{meta.episode_id}.png"


def write_strip(store: EpisodeStore, meta: EpisodeMeta, path: Path) -> None:
    """Draw imagined above real and write it to `path`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draw_strip(strip_of(store, meta)).save(path)


def write_ends(store: EpisodeStore, meta: EpisodeMeta, folder: Path) -> tuple[Path, Path]:
    """Write the first and the last frame; their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = folder / f"{meta.episode_id}-first.png", folder / f"{meta.episode_id}-last.png"
    for path, index in zip(paths, (0, meta.frames - 1), strict=True):
        [frame] = store.read_frames(meta.episode_id, index, index + 1)
        Picture.fromarray(frame).resize((512, 512 * frame.shape[0] // frame.shape[1])).save(path)
    return paths


def strip_of(store: EpisodeStore, meta: EpisodeMeta) -> Strip:
    """What the strip of an episode shows."""
    judged = verdict(meta.success, store.label_of(meta.episode_id))
    word = verdict_word(meta.outcome, judged)
    return Strip(
        title=f"“{meta.prior_prompt}”",
        verdict=word.upper(),
        success=judged if word != "aborted" else None,
        details=" · ".join(_details(meta)),
        reason=meta.reason,
        plans=_plans(store, meta),
        plans_in_all=meta.plans,
        real=list(store.read_frames(meta.episode_id)),
        times_s=store.read_steps(meta.episode_id).stamps_s.tolist(),
    )


def tile_of(store: EpisodeStore, meta: EpisodeMeta) -> Tile:
    """The episode in the overview."""
    judged = verdict(meta.success, store.label_of(meta.episode_id))
    word = verdict_word(meta.outcome, judged)
    [first] = store.read_frames(meta.episode_id, 0, 1)
    [last] = store.read_frames(meta.episode_id, meta.frames - 1, meta.frames)
    caption = f"#{meta.index}  {word}, {meta.steps} steps, seed {meta.seed}"
    return Tile(meta.iteration, caption, judged if word != "aborted" else None, first, last)


def _details(meta: EpisodeMeta) -> list[str]:
    return [
        f"{meta.robot} / {meta.task_id}" + (" (novel)" if meta.novel else ""),
        f"iteration {meta.iteration}, episode {meta.index}",
        f"seed {meta.seed}",
        f"{meta.method}, weights {meta.weights_version}" if meta.weights_version else meta.method,
        f"{meta.steps} steps, {meta.plans} plans, {meta.control_loop} loop" if meta.plans else f"{meta.steps} steps",
        meta.episode_id,
    ]


def _plans(store: EpisodeStore, meta: EpisodeMeta) -> list[ImaginedPlan]:
    """A few plans, each with the recorded frame that it started from and how many of its actions were executed."""
    followed = store.read_steps(meta.episode_id).plan  # (n - 1,): the plan that led from frame i to i + 1
    executed = [int((followed == index).sum()) for index in range(meta.plans)]
    starts = [sum(executed[:index]) for index in range(meta.plans)]
    return [
        ImaginedPlan(index, starts[index], store.read_plan(meta.episode_id, index).frames, executed[index])
        for index in evenly_chosen(meta.plans)
    ]
