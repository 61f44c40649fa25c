"""`adapt label`."""

from __future__ import annotations

import getpass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from adapt_core.types import LabelValue

from adapt_cli.console import out
from adapt_cli.keys import LEAVE, pressed_key
from adapt_cli.options import RunArgument

if TYPE_CHECKING:
    from adapt_core.episode_store import EpisodeMeta
    from rich.console import Console

    from adapt_cli.labeling import LabelSession

KEYS = {"s": LabelValue.SUCCESS, "f": LabelValue.FAILURE, "u": LabelValue.UNSURE}
HELP_LINE = (
    "[bold]s[/] success   [bold]f[/] failure   [bold]u[/] unsure   [bold]n[/] later   [bold]z[/] undo   [bold]q[/] quit"
)


def label(
    run: RunArgument,
    episode: Annotated[
        str, typer.Option("--episode", help="Label this one episode and ask nothing.", metavar="ID")
    ] = "",
    value: Annotated[LabelValue | None, typer.Option("--value", help="The label of --episode.")] = None,
    operator: Annotated[
        str, typer.Option("--operator", help="Who judges. Default: your user name.", metavar="NAME")
    ] = "",
) -> None:
    """Judge the episodes of a run that have no label yet.

    For each one the prompt is shown, and where its pictures lie. Nothing is labelled unless you press s, f or u.
    A label is a line in a log: it may be given while the graph runs, and undone at any time.

    Examples:  adapt label runs/mine  ·  adapt label runs/mine --episode 2026... --value success
    """
    from adapt_cli.labeling import LabelSession
    from adapt_cli.run_store import existing_run, open_store

    folder = existing_run(run)
    store = open_store(folder)
    name = operator or getpass.getuser()
    if episode or value:
        if not (episode and value):
            raise typer.BadParameter("--episode and --value go together")
        store.label(store.meta(episode).episode_id, value, operator=name)
        out().print(f"{episode}: {value} by {name}")
        return
    _ask(LabelSession(store, name), folder.path, out())


def _ask(session: LabelSession, run: Path, console: Console) -> None:
    """One key an episode until none waits or q."""
    if session.current is None:
        console.print("No episode waits for a label.")
        return
    shown = None
    while (meta := session.current) is not None:
        if meta is not shown:
            _show(meta, session, run, console)
            shown = meta
        key = pressed_key()
        if key in LEAVE:
            break
        if key in KEYS:
            session.judge(KEYS[key])
            console.print(f"  → {KEYS[key]}")
        elif key == "n":
            session.skip()
            console.print("  → later")
            shown = None
        elif key == "z":
            console.print("  → undone" if session.undo() else "  nothing to undo")
    waiting = len(session.queue)
    console.print(f"{len(session.labelled)} labelled by {session.operator}, {waiting} still waiting.")


def _show(meta: EpisodeMeta, session: LabelSession, run: Path, console: Console) -> None:
    from adapt_cli.report.build import write_label_pictures

    first, last, strip = write_label_pictures(session.store, meta, run)
    console.print(f"\n[bold]“{meta.prior_prompt}”[/]   ({len(session.queue)} waiting)")
    console.print(
        f"  {meta.task_id} · iteration {meta.iteration} · episode {meta.index} · weights {meta.weights_version} · "
        f"{meta.steps} steps · {meta.episode_id}"
    )
    console.print(f"  strip {strip}\n  first {first}\n  last  {last}\n  {HELP_LINE}")
