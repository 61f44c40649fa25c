"""Which version of this software runs."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version


def code_version() -> str:
    """The installed version, as episodes record it."""
    for name in ("adapt", "adapt_ros"):
        try:
            return version(name)
        except PackageNotFoundError:
            continue
    return "unknown"
