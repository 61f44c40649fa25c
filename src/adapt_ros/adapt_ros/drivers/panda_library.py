"""The library that talks to a real Panda."""

from __future__ import annotations

from typing import Any

from adapt_core.errors import ConfigError

VERSION = "1.1.1"  # of panda-python; its wheels carry libfranka 0.9.2, the last for the Panda


def panda_library() -> Any:
    """The package panda_py. Raises ConfigError, saying what to install, where it is missing."""
    try:
        import panda_py
        import panda_py.controllers
        import panda_py.libfranka
    except ImportError as error:
        raise ConfigError(
            f"driving a real Panda needs panda-python ({error}): pip install panda-python=={VERSION}, or choose "
            "hardware:=franka_ros2 and start Franka's own drivers"
        ) from error
    return panda_py
