"""How hard the arm and what it holds are pushed from outside: what the robot's own collision detection feels."""

from __future__ import annotations

import math
from typing import Any

import mujoco
import numpy as np

from adapt_sim.panda.description import BASE

FILTER_S = 0.01  # time constant: one hard touch of a single physics step is no collision


class ContactForce:
    """The low-passed sum of all contact forces between the arm and the scene.

    Forces inside a grip cancel each other, as they do in the joint torques from which a Panda estimates this force.
    """

    def __init__(self, model: Any) -> None:
        """Look at the contacts of the arm in `model` (mujoco.MjModel)."""
        self._model = model
        base = model.body(BASE).id
        self._is_arm = np.array([_descends_from(model, body, base) for body in model.geom_bodyid])
        self._keep = math.exp(-model.opt.timestep / FILTER_S)
        self._filtered_n = np.zeros(3)
        self._wrench = np.zeros(6)

    @property
    def newtons(self) -> float:
        """The filtered force [N]."""
        return float(np.sqrt(self._filtered_n @ self._filtered_n))

    def forget(self) -> None:
        """Start from no force."""
        self._filtered_n = np.zeros(3)

    def update(self, data: Any) -> None:
        """Take in the contacts of a physics step that led to `data` (mujoco.MjData)."""
        self._filtered_n = self._keep * self._filtered_n + (1.0 - self._keep) * self._sum_n(data)

    def _sum_n(self, data: Any) -> np.ndarray:
        """The force (3,) of the scene on the arm now, in the world's axes."""
        total = np.zeros(3)
        if data.ncon == 0:
            return total
        on_arm = self._is_arm[data.contact.geom]  # (contacts, 2)
        for index in np.flatnonzero(on_arm[:, 0] != on_arm[:, 1]):
            mujoco.mj_contactForce(self._model, data, index, self._wrench)
            force = data.contact.frame[index].reshape(3, 3).T @ self._wrench[:3]
            total += force if on_arm[index, 1] else -force  # MuJoCo's is the force on the second geom
        return total


def _descends_from(model: Any, body: int, ancestor: int) -> bool:
    while body not in (0, ancestor):
        body = model.body_parentid[body]
    return bool(body == ancestor)
