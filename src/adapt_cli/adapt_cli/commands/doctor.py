"""`adapt doctor`."""

from __future__ import annotations

import json as json_format
from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from adapt_cli.console import out

if TYPE_CHECKING:
    from adapt_cli.doctor.check import Check

COLOURS = {"ok": "green", "optional": "yellow", "missing": "bold red", "wrong": "bold red"}


def doctor(
    json: Annotated[bool, typer.Option("--json", help="Print the findings as JSON.")] = False,
) -> None:
    """Look at what is installed and what is missing, and say what to do.

    Ends with exit status 1 only where something that is needed is missing.
    """
    checks = all_checks()
    healthy = not missing(checks)
    if json:
        print(json_format.dumps({"healthy": healthy, "checks": [asdict(check) for check in checks]}, indent=2))
    else:
        print_table(checks)
    if not healthy:
        raise typer.Exit(1)


def all_checks(preset: str = "tiny") -> list[Check]:
    """Every check there is, for somebody who works with `preset`."""
    from adapt_cli.doctor.learning import learning_checks
    from adapt_cli.doctor.machine import machine_checks
    from adapt_cli.doctor.ros import ros_checks

    return [*machine_checks(), *ros_checks(), *learning_checks(preset)]


def missing(checks: Sequence[Check]) -> list[Check]:
    """What is needed and not there, or not as it must be."""
    return [check for check in checks if check.status in ("missing", "wrong")]


def print_table(checks: Sequence[Check], all_well: str = "Everything that is needed is there.") -> None:
    """The findings for a person, `all_well` below them where nothing is amiss."""
    from rich.markup import escape
    from rich.table import Table

    table = Table(box=None, pad_edge=False, show_header=False)
    for _ in range(3):
        table.add_column(overflow="fold")
    for check in checks:
        colour = COLOURS[check.status]
        advice = f"\n[{colour}]→ {escape(check.advice)}[/]" if check.advice and check.status != "ok" else ""
        table.add_row(f"[{colour}]{check.status}[/]", check.name, escape(check.found) + advice)
    out().print(table)
    amiss = missing(checks)
    if amiss:
        out().print(f"\n[bold red]Amiss:[/] {', '.join(check.name for check in amiss)}. Do what the arrows say.")
    else:
        out().print(f"\n[green]{all_well}[/]")
