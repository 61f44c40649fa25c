"""`adapt models`."""

from __future__ import annotations

import json as json_format
from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from adapt_cli.console import out, wide

if TYPE_CHECKING:
    from adapt_learning.preset_table import PresetRow


def models(json: Annotated[bool, typer.Option("--json", help="Print the presets as JSON.")] = False) -> None:
    """List the presets: how large their models are, how they plan, and whether their weights are there.

    Nothing is loaded or downloaded: the models are built without weights and counted.

    Example:  adapt models --json
    """
    from adapt_learning.preset_table import preset_names, preset_row

    rows = [preset_row(name) for name in preset_names()]
    if json:
        print(json_format.dumps([asdict(row) for row in rows], indent=2))
    else:
        print_table(rows)


def print_table(rows: Sequence[PresetRow]) -> None:
    """The presets for a person, parameters in millions."""
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    left = ("preset", "method", "weights")
    for column in (
        "preset",
        "in-domain",
        "prior",
        "codec",
        "actions",
        "image",
        "frames",
        "method",
        "steps",
        "a",
        "y",
        "weights",
    ):
        table.add_column(column, no_wrap=True, justify="left" if column in left else "right")
    for row in rows:
        sizes = (row.in_domain_parameters, row.prior_parameters, row.codec_parameters, row.inverse_dynamics_parameters)
        numbers = (row.image_size, row.future_frames, row.method, row.steps, row.guidance_scale, row.prior_strength)
        table.add_row(row.preset, *(f"{size / 1e6:.2f} M" for size in sizes), *map(str, numbers), row.weights)
    wide().print(table)
    out().print(
        "\nParameters; those of the in-domain model with its frozen text encoder, as the papers count them. "
        "a: guidance scale, y: prior strength."
    )
