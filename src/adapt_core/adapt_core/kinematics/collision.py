"""Which links of an arm touch one another, or a box to keep out of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from adapt_core.kinematics.libraries import require
from adapt_core.robots import KeepOut
from adapt_core.safety.rejection import Rejection
from adapt_core.types import Vector

pin = require("pinocchio", "pin")
coal = require("coal", "pin")


@dataclass(frozen=True)
class Contact:
    """Two things that are closer than they may be: `links` (or a link and a box) near `point` (3,) [m] of the base frame."""

    links: tuple[str, str]
    point: tuple[float, float, float]
    code: Rejection  # SELF_COLLISION or KEEP_OUT

    def __str__(self) -> str:
        """A sentence's middle: who and where."""
        x, y, z = self.point
        return f"{self.links[0]} and {self.links[1]} meet at x {x:.2f}, y {y:.2f}, z {z:.2f} m"


class CollisionChecker:
    """Tells contacts of `model`'s links: pairs of `geometry`, and each moving link with each keep-out.

    Meshes are taken for their convex hulls. Things count as touching when they are less than `margin_m` apart.
    """

    def __init__(self, model: Any, geometry: Any, keep_outs: Sequence[KeepOut], margin_m: float) -> None:
        """Add the boxes to `geometry`, and make everything convex."""
        self._model, self._geometry = model, geometry
        for shape in geometry.geometryObjects:
            _make_convex(shape)
        self._boxes = {_add_box(model, geometry, box): box.name for box in keep_outs}
        self._data, self._geometry_data = model.createData(), geometry.createData()
        for request in self._geometry_data.collisionRequests:
            request.enable_contact, request.security_margin = True, margin_m

    def contact(self, q: Vector) -> Contact | None:
        """The first contact found with the joints at `q` (j,) [rad]; None when all keep their distance."""
        if not pin.computeCollisions(self._model, self._data, self._geometry, self._geometry_data, q, True):
            return None
        results = self._geometry_data.collisionResults
        hit = next(number for number, result in enumerate(results) if result.isCollision())
        pair = self._geometry.collisionPairs[hit]
        code = Rejection.KEEP_OUT if {pair.first, pair.second} & self._boxes.keys() else Rejection.SELF_COLLISION
        x, y, z = results[hit].getContact(0).pos
        return Contact((self._name(pair.first), self._name(pair.second)), (float(x), float(y), float(z)), code)

    def _name(self, number: int) -> str:
        shape = self._geometry.geometryObjects[number]
        return self._boxes.get(number) or str(self._model.frames[shape.parentFrame].name)


def _make_convex(shape: Any) -> None:
    if isinstance(shape.geometry, coal.BVHModelBase):
        shape.geometry.buildConvexHull(False, "Qt")
        shape.geometry = shape.geometry.convex


def _add_box(model: Any, geometry: Any, box: KeepOut) -> int:
    """Add `box` and its pairs with all links that move; its number among the geometry's shapes."""
    low, high = np.array(box.low), np.array(box.high)
    placement = pin.SE3(np.eye(3), (low + high) / 2)
    number = int(geometry.addGeometryObject(pin.GeometryObject(box.name, 0, 0, placement, coal.Box(*(high - low)))))
    for other, shape in enumerate(geometry.geometryObjects):
        if shape.parentJoint:
            geometry.addCollisionPair(pin.CollisionPair(other, number))
    return number
