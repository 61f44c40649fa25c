"""Chooses how MuJoCo draws without a screen. Import before `mujoco`, which reads MUJOCO_GL on import."""

from __future__ import annotations

import os
from pathlib import Path


def choose_gl_backend() -> None:
    """Set MUJOCO_GL, unless it is set or there is a screen: EGL on an NVIDIA GPU, else OSMesa (software)."""
    if "MUJOCO_GL" not in os.environ and "DISPLAY" not in os.environ:
        os.environ["MUJOCO_GL"] = "egl" if Path("/dev/nvidiactl").exists() else "osmesa"


choose_gl_backend()
