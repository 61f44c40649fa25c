"""Packages that only some commands need, and that `pip install adapt` leaves out."""

from __future__ import annotations

import importlib.util

from adapt_core.errors import ConfigError


def require_extra(extra: str, *modules: str) -> None:
    """Raise ConfigError, saying what to install, unless all `modules` of the optional dependencies `extra` are there."""
    missing = [module for module in modules if importlib.util.find_spec(module) is None]
    if missing:
        raise ConfigError(
            f"this needs {', '.join(missing)}, which is not installed: pip install 'adapt[{extra}]' -c constraints.txt, or in "
            f"a clone of the repository pip install -e '.[{extra}]' -c constraints.txt"
        )
