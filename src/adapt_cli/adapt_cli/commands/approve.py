"""`adapt approve`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from adapt_cli import options
from adapt_cli.console import out
from adapt_cli.keys import LEAVE, pressed_key

if TYPE_CHECKING:
    from adapt_cli.approval import Approval
    from adapt_cli.preview import Preview

KEYS = {"y": True, "n": False}


def approve(
    robot: options.RobotArgument,
    namespace: options.Namespace = "",
    once: Annotated[bool, typer.Option("--once", help="Answer one motion and end.")] = False,
) -> None:
    """Look at each motion before the arm moves, and let it pass or not.

    For a graph started with --approve. Nothing moves until you press y; n refuses; q or Ctrl-C leaves, and what waits
    goes on waiting.

    Examples:  adapt approve panda
    """
    from adapt_cli.ros_there import require_ros

    require_ros()
    from adapt_ros.graph import absolute

    from adapt_cli.approval import Approval
    from adapt_cli.graph_session import GraphSession
    from adapt_cli.interrupt import stop_on_interrupt
    from adapt_cli.through_graph import run_folder_of

    with GraphSession(absolute(namespace or robot)) as session, stop_on_interrupt("Leaving.") as should_stop:
        folder = run_folder_of(session) / "previews"
        approval = Approval(session)
        out().print(f"Waiting for motions under {session.namespace}. Ctrl-C leaves.")
        while (preview := approval.next(should_stop)) is not None:
            _show(preview, folder)
            if not _answer(approval, preview) or once:
                return


def _show(preview: Preview, folder: Path) -> None:
    from adapt_cli.preview import in_words, picture

    out().print(f"\n[bold]motion {preview.plan_hash[:12]}[/]  {escape(preview.prompt)}")
    for line in in_words(preview):
        out().print(f"  {line}")
    if preview.frames is None:
        out().print("  [yellow]no picture: nothing was imagined for it, or the guard did not hear of it[/]")
    else:
        folder.mkdir(parents=True, exist_ok=True)
        file = folder / f"{preview.plan_hash[:12]}.png"
        picture(preview).save(file)
        out().print(f"  imagined  {file}")
    out().print("  [bold]y[/] move   [bold]n[/] refuse   [bold]q[/] leave")


def _answer(approval: Approval, preview: Preview) -> bool:
    """One key; False to leave."""
    while (key := pressed_key()) not in KEYS:
        if key in LEAVE:
            return False
    objection = approval.answer(preview, KEYS[key])
    if objection:
        out().print(f"  [red]→ {escape(objection)}[/]")
    else:
        out().print("  → it moves" if KEYS[key] else "  → refused")
    return True
