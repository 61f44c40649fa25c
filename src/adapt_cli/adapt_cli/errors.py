"""One red line for an error that `adapt` raised on purpose, a traceback only with --debug."""

from __future__ import annotations

from typing import Any

import typer
import typer.core
from adapt_core.errors import AdaptError, CancelledByUserError
from rich.markup import escape

from adapt_cli.console import err

INTERRUPTED = 130  # what a shell reports after Ctrl-C


class AdaptGroup(typer.core.TyperGroup):
    """The root command: turns an AdaptError of any command into a message and an exit status."""

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except AdaptError as error:
            if ctx.params.get("debug"):
                raise
            err().print(f"[bold red]Error:[/] [red]{escape(str(error))}[/]")
            raise typer.Exit(INTERRUPTED if isinstance(error, CancelledByUserError) else 1) from error
