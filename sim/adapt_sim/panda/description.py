"""The Panda as a MuJoCo specification, made from the URDF of `example-robot-data`."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from functools import cache
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Any

import mujoco
import numpy as np
from adapt_core.errors import ConfigError
from adapt_core.types import Vector

ROBOT_FOLDER = "cmeel.prefix/share/example-robot-data/robots/panda_description"
URI = "package://example-robot-data/robots/panda_description"
URDF_OPTIONS = {"strippath": "false", "discardvisual": "true", "fusestatic": "false"}  # MuJoCo reads no .dae meshes

JOINTS = tuple(f"panda_joint{index}" for index in range(1, 8))
FINGERS = ("panda_finger_joint1", "panda_finger_joint2")
BASE, HAND, TCP = "panda_link0", "panda_hand", "panda_hand_tcp"

STIFFNESS = (4500.0, 4500.0, 3500.0, 3500.0, 2000.0, 2000.0, 2000.0)  # N m / rad
DAMPING = (450.0, 450.0, 350.0, 350.0, 200.0, 200.0, 200.0)  # N m s / rad
FRICTION_NM = (0.5, 0.5, 0.4, 0.4, 0.2, 0.2, 0.2)
ROTOR_INERTIA = 0.1  # kg m², as seen at the joint
FINGER_STIFFNESS, FINGER_DAMPING, FINGER_INERTIA = 4000.0, 120.0, 0.1  # N / m, N s / m, kg

ARM_BIT, SCENE_BIT = 2, 1  # the arm touches the scene but not itself: self-collision is the kinematics' to refuse
WHITE, DARK = (0.92, 0.93, 0.94, 1.0), (0.22, 0.23, 0.25, 1.0)
DARK_LINKS = ("panda_leftfinger", "panda_rightfinger")


def arm_spec() -> Any:
    """A new mujoco.MjSpec of the arm at the world's origin: position actuators named like the joints, no gravity felt.

    Gravity compensation counts towards the torque limits of the URDF. Raises ConfigError when the description is not
    installed.
    """
    spec = mujoco.MjSpec.from_string(_urdf())
    spec.compiler.discardvisual = False  # what the scene adds may be there only to be seen
    for body in spec.bodies[1:]:
        body.gravcomp = 1.0
        for geom in body.geoms:
            geom.contype, geom.conaffinity = ARM_BIT, SCENE_BIT
            geom.rgba = DARK if body.name in DARK_LINKS else WHITE
    for name, stiffness, damping, friction in zip(JOINTS, STIFFNESS, DAMPING, FRICTION_NM, strict=True):
        joint = spec.joint(name)
        joint.actgravcomp, joint.armature, joint.frictionloss = True, ROTOR_INERTIA, friction
        _add_servo(spec, name, stiffness, damping)
    for name in FINGERS:
        spec.joint(name).armature = FINGER_INERTIA
        _add_servo(spec, name, FINGER_STIFFNESS, FINGER_DAMPING)
    spec.add_equality(type=mujoco.mjtEq.mjEQ_JOINT, name1=FINGERS[1], name2=FINGERS[0], data=_padded(11, 0.0, 1.0))
    return spec


def _add_servo(spec: Any, joint: str, stiffness: float, damping: float) -> None:
    """An actuator with force = stiffness * (ctrl - position) - damping * velocity, called like its joint."""
    spec.add_actuator(
        name=joint,
        target=joint,
        trntype=mujoco.mjtTrn.mjTRN_JOINT,
        biastype=mujoco.mjtBias.mjBIAS_AFFINE,
        gainprm=_padded(10, stiffness),
        biasprm=_padded(10, 0.0, -stiffness, -damping),
    )


def _padded(length: int, *values: float) -> Vector:
    return np.array([*values, *[0.0] * (length - len(values))])


@cache
def _urdf() -> str:
    """The URDF with MuJoCo's options, absolute mesh paths and a name for each collision shape."""
    folder = _folder()
    tree = ElementTree.fromstring((folder / "urdf" / "panda.urdf").read_text(encoding="utf-8"))
    tree.insert(0, ElementTree.Element("mujoco"))
    ElementTree.SubElement(tree[0], "compiler", URDF_OPTIONS)
    for mesh in tree.iter("mesh"):
        mesh.set("filename", mesh.get("filename", "").replace(URI, str(folder)))
    for index, collision in enumerate(tree.iter("collision")):
        collision.set("name", f"panda_collision{index}")
    return ElementTree.tostring(tree, encoding="unicode")


def _folder() -> Path:
    try:
        folder = Path(str(distribution("example-robot-data").locate_file(ROBOT_FOLDER)))
    except PackageNotFoundError:
        folder = Path(ROBOT_FOLDER)
    if not folder.is_dir():
        raise ConfigError("the Panda's description is missing: pip install example-robot-data -c constraints.txt")
    return folder
