"""Libraries that only who moves an arm needs."""

from __future__ import annotations

import importlib
from typing import Any

from adapt_core.errors import ConfigError


def require(module: str, package: str) -> Any:
    """Import `module`; where it is missing, ConfigError names the `package` to install."""
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise ConfigError(
            f"moving an arm needs {module} ({error}): pip install {package} -c constraints.txt"
        ) from error
