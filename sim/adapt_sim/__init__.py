"""Simulated worlds without ROS: make one by name with `make_world`."""

import adapt_sim.gl_backend  # noqa: F401  (before anything imports MuJoCo)
from adapt_sim.registry import make_world, world_names

__all__ = ["make_world", "world_names"]
