"""One finding of the doctor."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import subprocess
from dataclasses import dataclass
from enum import StrEnum


class Status(StrEnum):
    """How a finding is."""

    OK = "ok"
    OPTIONAL = "optional"  # not there, and not needed for the demo and the loop
    MISSING = "missing"  # not there, and needed
    WRONG = "wrong"  # there, but not as it must be


@dataclass(frozen=True)
class Check:
    """`name` of what was looked at, how it is, what was found, and what to do where something is amiss."""

    name: str
    status: Status
    found: str
    advice: str = ""


def module_there(module: str) -> bool:
    """Whether `module` could be imported; nothing is imported for it but its parents."""
    try:
        return importlib.util.find_spec(module) is not None
    except (ImportError, ValueError):
        return False


def version_of(*distributions: str) -> str:
    """Version of the first of `distributions` that pip knows, "unknown version" if none."""
    for distribution in distributions:
        try:
            return importlib.metadata.version(distribution)
        except importlib.metadata.PackageNotFoundError:
            continue
    return "unknown version"


def output_of(command: list[str], timeout_s: float = 60.0) -> tuple[bool, str]:
    """Run `command`; whether it succeeded, and the last line that it said."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=timeout_s, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        return False, str(error)
    lines = (done.stdout if done.returncode == 0 else done.stderr or done.stdout).strip().splitlines()
    return done.returncode == 0, lines[-1] if lines else f"exit status {done.returncode}"
