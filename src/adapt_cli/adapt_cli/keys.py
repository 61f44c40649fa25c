"""Keys pressed at the terminal."""

from __future__ import annotations

import typer
from adapt_core.errors import ConfigError

LEAVE = ("q", "\x03", "\x04", "")  # q, Ctrl-C, Ctrl-D, and the end of what a pipe gives


def pressed_key() -> str:
    """The next key, in lower case. Raises ConfigError where there is no terminal."""
    try:
        return str(typer.getchar()).lower()
    except OSError as error:
        raise ConfigError(f"keys need a terminal ({error}): run this in one, or use `adapt panel`") from error
