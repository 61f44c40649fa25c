"""What a gripper is told while a chunk's actions want it more or less open."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

HYSTERESIS_M = 0.008  # smaller changes of the wanted width are not commanded: a gripper takes a second for each command
CLOSED_M = 0.01  # who wants the fingers nearer to each other wants to hold something
SPEED_M_S, GRIP_N = 0.1, 20.0


@dataclass(frozen=True)
class GripperCommand:
    """Go to `width_m` between the fingers; with a force above 0: close until it holds something, however wide that is."""

    width_m: float
    speed_m_s: float = SPEED_M_S
    force_n: float = 0.0


class GripperIntent:
    """Turns wanted openings into few commands: only changes are commanded, and none again that failed."""

    def __init__(self, open_width_m: float) -> None:
        """`open_width_m` is the width at opening 1, and the one that was commanded last."""
        self._open_width_m = self._commanded_m = open_width_m

    def stands_at(self, width_m: float) -> None:
        """Take the present width for what was commanded last."""
        self._commanded_m = width_m

    def want(self, opening: float) -> GripperCommand | None:
        """The command that `opening`, 0 closed to 1 open, needs now; None when there is nothing to say."""
        width_m = self._open_width_m * float(np.clip(opening, 0.0, 1.0))
        if abs(width_m - self._commanded_m) < HYSTERESIS_M:
            return None
        self._commanded_m = width_m
        return GripperCommand(width_m, force_n=GRIP_N if width_m < CLOSED_M else 0.0)
