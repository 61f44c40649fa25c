"""`adapt bench`."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import typer
from adapt_core.errors import ConfigError

SOURCE = Path(__file__).resolve().parents[4] / "bench" / "run.py"  # where the code lies in its repository


def bench(context: typer.Context) -> None:
    """Measure how fast things are, each against its naive baseline, and write bench/results/latest.json.

    Works in a clone of the repository. What stands behind `--` is for the benchmarks' own runner.

    Example:  adapt bench
    """
    runner = next((path for path in (Path("bench") / "run.py", SOURCE) if path.is_file()), None)
    if runner is None:
        raise ConfigError("the benchmarks lie in the repository: run this in a clone of it")
    raise typer.Exit(subprocess.run([sys.executable, str(runner), *context.args], check=False).returncode)
