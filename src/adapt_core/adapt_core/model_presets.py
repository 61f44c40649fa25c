"""The model presets, `config/models/<preset>.yaml`, as far as they are read where there is no PyTorch."""

from __future__ import annotations

from typing import Any

from adapt_core.config_base import read_extended
from adapt_core.paths import config_file

DEFAULT_PRESET = "tiny"
SMALLEST_PRESET = "test"
FAKE_PRESET = "fake"  # of the graph's tests: no file, no models; images as the robot's file says


def read_preset(name: str) -> Any:
    """The plain data of a preset and what it extends, unchecked. Raises ConfigError."""
    return read_extended(config_file("models", f"{name}.yaml"))
