"""Which network infers actions, and what it predicts."""

from __future__ import annotations

from dataclasses import dataclass

from adapt_core.types import ActionSpace
from pydantic import NonNegativeInt, PositiveInt


@dataclass(frozen=True)
class InverseDynamicsSettings:
    """Network width; what is predicted; for `raw`, how many numbers an action has (0 for `end_effector`)."""

    width: PositiveInt
    space: ActionSpace
    raw_dim: NonNegativeInt = 0
