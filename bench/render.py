"""Frames a second at 128x128: our renderer against MuJoCo's own with its default settings."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from adapt_sim.metaworld_envs import make_env, seed_env
from adapt_sim.observation_camera import CAMERA, place_observation_camera
from adapt_sim.rendering import SceneRenderer

SIZE = 128
FRAMES, ROUNDS = 10, 5  # the two take turns


def rows() -> list[dict[str, Any]]:
    """The benchmark's rows: name, unit, ours, baseline and their ratio."""
    env = make_env("drawer-close")
    place_observation_camera(env.model)
    seed_env(env, 0)
    ours, baseline = [], []
    for _ in range(ROUNDS):
        ours.append(_ours(env))
        baseline.append(_mujoco_default(env))
    fast, slow = max(ours), max(baseline)  # other load only ever slows a round down
    return [{"name": "render_128", "unit": "frames/s", "ours": fast, "baseline": slow, "ratio": fast / slow}]


def _ours(env: Any) -> float:
    renderer = SceneRenderer(env.model, SIZE, SIZE)
    camera_id = env.model.camera(CAMERA).id
    try:
        return _frames_per_second(lambda: renderer.render(env.data, camera_id))
    finally:
        renderer.close()


def _mujoco_default(env: Any) -> float:
    import mujoco  # only now: adapt_sim has chosen its OpenGL

    renderer = mujoco.Renderer(env.model, SIZE, SIZE)

    def render() -> None:
        renderer.update_scene(env.data, CAMERA)
        renderer.render()

    try:
        return _frames_per_second(render)
    finally:
        renderer.close()


def _frames_per_second(render: Callable[[], object]) -> float:
    render()  # the first frame compiles
    start = time.perf_counter()
    for _ in range(FRAMES):
        render()
    return FRAMES / (time.perf_counter() - start)


if __name__ == "__main__":
    for row in rows():
        print(row)
