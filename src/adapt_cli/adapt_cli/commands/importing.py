"""`adapt import`."""

from __future__ import annotations

import getpass
from pathlib import Path
from typing import Annotated

import typer
from adapt_core.types import LabelValue

from adapt_cli.console import out

importing = typer.Typer(no_args_is_help=True, help="Take in episodes from other tools' formats.")


@importing.callback()
def group() -> None:
    """Take in episodes from other tools' formats, as a new episode store."""


@importing.command("lerobot")
def lerobot(
    dataset: Annotated[Path, typer.Argument(help="Folder of a LeRobotDataset v3.0.", metavar="DATASET")],
    target: Annotated[Path, typer.Argument(help="Folder of the episode store that is made.", metavar="FOLDER")],
    camera: Annotated[str, typer.Option(help="Which images, where the dataset has several.", metavar="FEATURE")] = "",
    size: Annotated[
        int | None, typer.Option(help="Cut images to their middle square of so many pixels.", min=8)
    ] = None,
    label: Annotated[LabelValue | None, typer.Option(help="Judge so what comes without a label.")] = None,
    operator: Annotated[str, typer.Option(help="Who judges. Default: your user name.", metavar="NAME")] = "",
) -> None:
    """Make an episode store of a LeRobotDataset v3.0, ours or another's.

    Training learns from what is labelled a success: say `--label success` for demonstrations. It wants
    images of the preset's size: `adapt models` names it, `--size` makes it.

    Examples:

    adapt import lerobot mine-lerobot runs/other/demos

    adapt import lerobot pusht runs/pusht/demos --size 128 --label success
    """
    from adapt_cli.extras import require_extra

    require_extra("interchange")
    from adapt_core.interchange.lerobot import Judgement, import_lerobot

    from adapt_cli.bars import bar

    judgement = None if label is None else Judgement(label, operator or getpass.getuser())
    with bar("episodes") as report:
        count = import_lerobot(dataset, target, camera, size, judgement, report)
    out().print(f"{count} episodes imported into {target}")
