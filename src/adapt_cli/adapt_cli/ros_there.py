"""Is there a ROS 2 to talk through? Nothing of ROS is imported for the question."""

from __future__ import annotations

import importlib.util

from adapt_core.errors import ConfigError


def require_ros() -> None:
    """Raise ConfigError, saying what to do, where rclpy or the built interfaces are missing."""
    if not _there("rclpy"):
        raise ConfigError(
            "ROS 2 is not installed, and this needs the graph: add --in-process to run without it, or run `make setup` in "
            "the repository and `. activate.sh`, or source a ROS 2 Jazzy"
        )
    if not _there("adapt_interfaces"):
        raise ConfigError(
            "adapt_interfaces is not on the path: run `. activate.sh` (after `make setup`), or source install/setup.bash; "
            "--in-process works without"
        )


def _there(module: str) -> bool:
    try:
        return importlib.util.find_spec(module) is not None
    except (ImportError, ValueError):
        return False
