"""`adapt export`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Unpack

import typer

from adapt_cli import options
from adapt_cli.console import err, out

if TYPE_CHECKING:
    from adapt_core.episode_store import EpisodeFilter, EpisodeMeta, EpisodeStore

export = typer.Typer(no_args_is_help=True, help="Write episodes in the formats of other tools.")

Source = Annotated[Path, typer.Argument(help="Folder of a run, or of an episode store.", metavar="RUN")]
Target = Annotated[Path, typer.Argument(help="Folder that is made; nothing is overwritten.", metavar="FOLDER")]


@export.callback()
def group() -> None:
    """Write episodes in the formats of other tools. What is stored stays as it is."""


@export.command("lerobot")
def lerobot(
    run: Source,
    target: Target,
    task: options.OfTask = "",
    iteration: options.OfIteration = None,
    outcome: options.OfOutcome = None,
    label: options.OfLabel = None,
    demos: options.Demos = False,
    lossless: options.Lossless = False,
) -> None:
    """A LeRobotDataset v3.0: parquet for the numbers, H.264 video for the frames.

    Prompts, labels and meta data come along as columns of the episodes; `adapt import lerobot` takes them in again.
    Imagined plans stay behind, the format has no place for them.

    Examples:  adapt export lerobot runs/mine mine-lerobot --label success  ·  adapt export lerobot runs/mine out --demos
    """
    from adapt_cli.extras import require_extra

    require_extra("interchange")
    from adapt_core.interchange.lerobot import export_lerobot

    from adapt_cli.bars import bar

    store, chosen = _choose(run, demos, task_id=task or None, iteration=iteration, outcome=outcome, label=label)
    with bar("episodes") as report:
        _say(export_lerobot(store, chosen, target, lossless, report), len(chosen), target)


@export.command("mcap")
def mcap(
    run: Source,
    target: Target,
    task: options.OfTask = "",
    iteration: options.OfIteration = None,
    outcome: options.OfOutcome = None,
    label: options.OfLabel = None,
    demos: options.Demos = False,
    lossless: options.Lossless = False,
) -> None:
    """ROS 2 bags in MCAP, a folder an episode, for `ros2 bag play` and Foxglove.

    Topics are named as in the graph: compressed images, poses, actions, plans, prompts, label and outcome. ROS is not needed.

    Examples:  adapt export mcap runs/mine bags --iteration 1  ·  adapt export mcap runs/mine bags --lossless
    """
    from adapt_cli.extras import require_extra

    require_extra("interchange")
    from adapt_core.interchange.bag import export_mcap

    from adapt_cli.bars import bar

    store, chosen = _choose(run, demos, task_id=task or None, iteration=iteration, outcome=outcome, label=label)
    with bar("episodes") as report:
        _say(export_mcap(store, chosen, target, lossless, report), len(chosen), target)


def _choose(run: Path, demos: bool, **wanted: Unpack[EpisodeFilter]) -> tuple[EpisodeStore, list[EpisodeMeta]]:
    from adapt_cli.run_store import chosen_store

    store = chosen_store(run, demos)
    return store, store.episodes(**wanted)


def _say(count: int, chosen: int, target: Path) -> None:
    out().print(f"{count} episodes exported to {target}")
    if count < chosen:
        err().print(f"{chosen - count} were left out: nothing was executed in them")
