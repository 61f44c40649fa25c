"""`adapt train`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from adapt_cli import options
from adapt_cli.console import out

train = typer.Typer(no_args_is_help=True, help="Train models from recorded episodes.")


@train.callback()
def group() -> None:
    """Train models from recorded episodes."""


@train.command("weights")
def weights(
    preset: options.Preset = "",
    data: Annotated[Path, typer.Option(help="Folder for the recorded episodes; kept.", metavar="FOLDER")] = Path(
        "runs/weights-data"
    ),
    output: Annotated[
        Path | None, typer.Option(help="Where the weights go. Default: into the package, where they are looked for.")
    ] = None,
    robot: options.Robot = "metaworld",
    demos: Annotated[
        int | None, typer.Option(help="Demonstrations of each seen task. Default: as many as in the papers.", min=1)
    ] = None,
    play: Annotated[int, typer.Option(help="Episodes of random play in each seen task.", min=0)] = 6,
    foreign: Annotated[int, typer.Option(help="Randomised demonstrations of each of the prior's tasks.", min=0)] = 14,
    judged: Annotated[
        int,
        typer.Option(
            help="The same, for a broad prior, of each seen task and, twice, of each that SAIL is judged by.", min=0
        ),
    ] = 50,
    stills: Annotated[
        int, typer.Option(help="Pictures in which pointing is learned, where a model of the preset points.", min=1)
    ] = 3000,
    midway: Annotated[
        int,
        typer.Option(
            help="MetaWorld: demonstrations of each seen task that begin in its middle, off the path; foreign ones, too.",
            min=0,
        ),
    ] = 0,
    random_share: Annotated[
        float,
        typer.Option(
            help="Share of the demonstrations' actions that are random; 0.7: SAIL's suboptimal start.", min=0, max=1
        ),
    ] = 0.0,
    seed: options.Seed = 0,
    workers: Annotated[int, typer.Option(help="Processes that collect.", min=1)] = 2,
    anew: Annotated[bool, typer.Option("--anew", help="Train again what is there already.")] = False,
) -> None:
    """Make the weights of a preset again: collect episodes, then train codec, inverse dynamics and both video models.

    The novel tasks that SAIL is judged by are in none of the data but a broad prior's, its pointer's and the codec's, and
    there in foreign scenes only.
    What is there already is kept, and an interrupted training goes on where it was. With the preset `tiny` this takes
    hours on two cores.

    Examples:

    adapt train weights --anew --midway 50

    adapt train weights --robot panda --data runs/panda-weights --play 3 --foreign 80

    adapt train weights --preset tiny_strict

    adapt train weights --preset test --demos 1 --play 1 --foreign 0 --judged 0 --output /tmp/test-weights
    """
    from adapt_core.robots import preset_for

    from adapt_cli.weights_recipe import Recipe, make_weights

    name = preset_for(robot, preset)
    recipe = Recipe(name, data, demos, play, foreign, seed, workers, random_share, robot, stills, judged, midway)
    made = make_weights(recipe, output, anew)
    for path in sorted(made.glob("*.safetensors")):
        out().print(f"{path}  {path.stat().st_size / 1e6:.1f} MB")
