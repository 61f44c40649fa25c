"""Packages that only some commands need, and that `pip install adapt` leaves out."""

from __future__ import annotations

from adapt_core.errors import ConfigError

from adapt_cli.doctor.check import module_there

# Optional dependencies of pyproject.toml and the modules they bring.
EXTRAS = {"interchange": ("av", "rosbags"), "live": ("rerun",)}


def require_extra(extra: str) -> None:
    """Raise ConfigError, saying what to install, unless all modules of the optional dependencies `extra` are there."""
    if missing := missing_of(extra):
        raise ConfigError(f"this needs {', '.join(missing)}, which is not installed: {how_to_install(extra)}")


def missing_of(extra: str) -> list[str]:
    """Modules of the optional dependencies `extra` that are not there."""
    return [module for module in EXTRAS[extra] if not module_there(module)]


def how_to_install(extra: str) -> str:
    """What a user types for the optional dependencies `extra`."""
    return f"pip install '.[{extra}]' -c constraints.txt, in the repository"
