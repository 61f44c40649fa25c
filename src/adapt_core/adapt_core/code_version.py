"""Which code made an episode: the repository's commit, else the installed version."""

from __future__ import annotations

import importlib.metadata
import subprocess
from functools import cache
from pathlib import Path


@cache
def code_version() -> str:
    """Such as "0.1.0+577568f", with "-dirty" behind for code that is not committed."""
    try:
        version = importlib.metadata.version("adapt")
    except importlib.metadata.PackageNotFoundError:
        version = "0"
    commit = _commit(Path(__file__).resolve().parent)
    return f"{version}+{commit}" if commit else version


def _commit(folder: Path) -> str:
    asked = ["git", "-C", str(folder), "describe", "--always", "--dirty", "--exclude=*"]
    try:
        return subprocess.run(asked, capture_output=True, text=True, timeout=5, check=False).stdout.strip()
    except (OSError, subprocess.TimeoutExpired):
        return ""
