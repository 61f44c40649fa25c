"""`adapt demos`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from adapt_cli import options
from adapt_cli.console import out


def demos(
    robot: Annotated[
        str, typer.Argument(help="Robot whose world has experts: metaworld, panda.", metavar="ROBOT")
    ] = "metaworld",
    tasks: Annotated[str, typer.Option(help="Task ids with commas between, or seen, novel, all.")] = "seen",
    count: Annotated[int, typer.Option(help="Episodes of each task.", min=1)] = 25,
    random_share: Annotated[
        float,
        typer.Option(
            help="Share of the expert's actions that are random; 0.7 is SAIL's suboptimal data.", min=0, max=1
        ),
    ] = 0.0,
    random_play: Annotated[bool, typer.Option("--random-play", help="No expert: random waypoints.")] = False,
    randomise: Annotated[
        bool, typer.Option("--randomise", help="Another camera, light and look in each scene.")
    ] = False,
    partly_open: Annotated[
        bool,
        typer.Option(
            "--partly-open", help="MetaWorld's doors, drawers, windows, faucets begin half open: words matter."
        ),
    ] = False,
    midway: Annotated[
        bool,
        typer.Option(
            "--midway", help="MetaWorld only: begin in the middle of a task, the hand pushed off its path, and recover."
        ),
    ] = False,
    output: Annotated[Path, typer.Option(help="Folder of the episode store.", metavar="FOLDER")] = Path("demos"),
    preset: options.Preset = "",
    seed: options.Seed = 0,
    workers: Annotated[int, typer.Option(help="Processes.", min=1)] = 2,
) -> None:
    """Collect demonstrations by scripted experts into an episode store.

    What is there already, same task, seed and manner, is not collected again.

    Examples:

    adapt demos metaworld --count 25 --output demos/expert

    adapt demos metaworld --tasks all --count 10 --randomise --output demos/broad
    """
    from adapt_core.robots import load_robot, preset_for

    from adapt_cli.bars import bar
    from adapt_cli.collecting import Collection, chosen_tasks, collect

    the_robot = load_robot(robot, preset=preset_for(robot, preset))
    collection = Collection(
        the_robot,
        chosen_tasks(the_robot.suite, tasks),
        count,
        seed,
        random_share,
        random_play,
        randomise,
        workers,
        partly_open=partly_open,
        midway=midway,
    )
    with bar("demonstrations") as report:
        added = collect(collection, output, report)
    out().print(f"{added} episodes added to {output}, {len(collection.tasks) * count - added} were there.")
