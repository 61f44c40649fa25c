"""What joints do at one instant."""

from __future__ import annotations

from dataclasses import dataclass

from adapt_core.types import Vector


@dataclass(frozen=True)
class JointState:
    """Arm joints, then fingers: `positions` [rad, m], `velocities` [rad/s, m/s], `efforts` [N m, N], each (j,)."""

    positions: Vector
    velocities: Vector
    efforts: Vector
