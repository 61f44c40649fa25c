"""The table that the Panda stands on, with lamps, walls and the fixed external camera."""

from __future__ import annotations

from typing import Any

import mujoco
import numpy as np

from adapt_sim.panda.description import ARM_BIT, SCENE_BIT, arm_spec
from adapt_sim.viewpoint import looking

CAMERA = "external"
IMAGE_SHAPE = (480, 640)  # pixels (height, width)
CAMERA_POSITION_M, LOOK_AT_M = np.array([0.05, -0.95, 0.85]), np.array([0.44, 0.0, 0.22])
FIELD_OF_VIEW_DEG = 36.0  # vertical
TIMESTEP_S = 1 / 480  # 16 physics steps are one of the camera's, at 30 Hz
TABLE_CENTRE_M, TABLE_HALF_M = (0.35, 0.0), (0.65, 0.75)
FLOOR_Z_M = -0.7
MOVABLE = {"contype": SCENE_BIT, "conaffinity": SCENE_BIT | ARM_BIT}  # touches the arm, the table and its like
FIXTURE = {"contype": SCENE_BIT, "conaffinity": ARM_BIT}  # touches the arm only
SEEN_ONLY = {"contype": 0, "conaffinity": 0, "mass": 0.0}  # decoration
FRICTION = (0.3, 0.005, 0.0001)  # of table and cups: sliding [1], torsional [m], rolling [m]
BOX, CYLINDER, PLANE = mujoco.mjtGeom.mjGEOM_BOX, mujoco.mjtGeom.mjGEOM_CYLINDER, mujoco.mjtGeom.mjGEOM_PLANE


def table_scene_spec() -> Any:
    """A new mujoco.MjSpec: the arm on a table whose top is at z = 0, ready for things to be put on it."""
    spec = arm_spec()
    spec.option.timestep = TIMESTEP_S
    spec.option.integrator = mujoco.mjtIntegrator.mjINT_IMPLICITFAST
    spec.option.cone = mujoco.mjtCone.mjCONE_ELLIPTIC
    spec.option.impratio = 5.0  # what is gripped does not creep
    spec.visual.global_.offheight, spec.visual.global_.offwidth = IMAGE_SHAPE
    _add_materials(spec)
    _add_table(spec)
    _add_lamps(spec)
    spec.worldbody.add_camera(
        name=CAMERA,
        pos=CAMERA_POSITION_M,
        quat=looking(along=LOOK_AT_M - CAMERA_POSITION_M),
        fovy=FIELD_OF_VIEW_DEG,
    )
    return spec


def _add_materials(spec: Any) -> None:
    """Textures of table and floor; those of `unused` are there for another look."""
    spec.add_texture(
        name="walls",
        type=mujoco.mjtTexture.mjTEXTURE_SKYBOX,
        builtin=mujoco.mjtBuiltin.mjBUILTIN_GRADIENT,
        rgb1=[0.78, 0.78, 0.76],
        rgb2=[0.55, 0.56, 0.58],
        width=64,
        height=384,
    )
    speckled, checker = mujoco.mjtBuiltin.mjBUILTIN_FLAT, mujoco.mjtBuiltin.mjBUILTIN_CHECKER
    _add_texture(spec, "table", speckled, (0.72, 0.60, 0.46), (0.66, 0.53, 0.40))
    _add_texture(spec, "floor", checker, (0.62, 0.64, 0.67), (0.57, 0.59, 0.62))
    _add_texture(spec, "unused1", speckled, (0.80, 0.80, 0.78), (0.70, 0.70, 0.69))
    _add_texture(spec, "unused2", checker, (0.55, 0.50, 0.46), (0.60, 0.56, 0.50))
    for name, repeat in (("table", 3.0), ("floor", 6.0)):
        material = spec.add_material(name=name, texrepeat=[repeat, repeat])
        material.textures[mujoco.mjtTextureRole.mjTEXROLE_RGB] = name


def _add_texture(
    spec: Any, name: str, pattern: Any, colour: tuple[float, float, float], mark: tuple[float, float, float]
) -> None:
    spec.add_texture(
        name=name,
        type=mujoco.mjtTexture.mjTEXTURE_2D,
        builtin=pattern,
        rgb1=colour,
        rgb2=mark,
        markrgb=mark,
        mark=mujoco.mjtMark.mjMARK_RANDOM,
        random=0.05,
        width=128,
        height=128,
    )


def _add_table(spec: Any) -> None:
    """A plane that things stand on, unseen, and the table top that is seen just below it."""
    world, x, y = spec.worldbody, *TABLE_CENTRE_M
    world.add_geom(name="table", type=PLANE, size=[0, 0, 1], rgba=[0, 0, 0, 0], group=3, friction=FRICTION, **MOVABLE)
    world.add_geom(type=BOX, pos=[x, y, -0.021], size=[*TABLE_HALF_M, 0.02], material="table", **SEEN_ONLY)
    world.add_geom(type=PLANE, pos=[0, 0, FLOOR_Z_M], size=[4, 4, 1], material="floor", **SEEN_ONLY)


def _add_lamps(spec: Any) -> None:
    spec.visual.headlight.ambient, spec.visual.headlight.diffuse = [0.4] * 3, [0.3] * 3
    for position in ((0.2, -1.2, 2.0), (1.2, 1.0, 2.0)):
        spec.worldbody.add_light(
            pos=position, dir=np.array([0.4, 0.0, 0.0]) - position, diffuse=[0.35] * 3, specular=[0.1] * 3
        )
