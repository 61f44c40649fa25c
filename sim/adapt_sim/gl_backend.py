"""Chooses how MuJoCo draws without a screen."""

from __future__ import annotations

import importlib
import os
from pathlib import Path
from typing import Any

OFFSCREEN = ("egl", "osmesa")


def choose_gl_backend() -> str:
    """Set MUJOCO_GL, unless it is set or there is a screen: EGL on an NVIDIA GPU, else OSMesa (software)."""
    if "MUJOCO_GL" not in os.environ and "DISPLAY" not in os.environ:
        os.environ["MUJOCO_GL"] = "egl" if Path("/dev/nvidiactl").exists() else "osmesa"
    return os.environ.get("MUJOCO_GL", "glfw").lower()


def make_gl_context(width: int, height: int) -> Any:
    """An OpenGL context to draw images of this size in pixels, of the backend that MUJOCO_GL names now.

    MuJoCo itself fixes its backend when it is first imported, which may have been before MUJOCO_GL was set.
    """
    backend = choose_gl_backend()
    module = f"mujoco.{backend}" if backend in OFFSCREEN else "mujoco.gl_context"
    return importlib.import_module(module).GLContext(width, height)


choose_gl_backend()
