"""Where the command line writes: results to stdout, errors and progress to stderr."""

from __future__ import annotations

import sys

from rich.console import Console


def out() -> Console:
    """Console for results. Made on each use, so that a redirected stdout is honoured."""
    return Console(file=sys.stdout, highlight=False, soft_wrap=not sys.stdout.isatty())


def page() -> Console:
    """Console for running text, broken at the terminal's width."""
    return Console(file=sys.stdout, highlight=False)


def wide() -> Console:
    """Console for tables that must not be cut: a narrow terminal breaks their lines."""
    return Console(file=sys.stdout, highlight=False, width=max(Console().width, 150))


def err() -> Console:
    """Console for errors, notes and progress bars."""
    return Console(file=sys.stderr, highlight=False, soft_wrap=not sys.stderr.isatty())
