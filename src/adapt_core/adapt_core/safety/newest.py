"""When a sensor was last heard of."""

from __future__ import annotations

import math
import time

from adapt_core.safety.motion_state import Clock


class Newest:
    """The newest stamp of one sensor, for comparison with limits of age.

    On a `simulated` clock, which may run far ahead of messages on their way, nothing is older than the silence in real
    time since it was heard: what it means to be frozen there is that both clocks say so.
    """

    def __init__(self, simulated: bool, clock: Clock = time.monotonic) -> None:
        """Nothing was heard yet."""
        self._simulated = simulated
        self._clock = clock
        self._heard_s = -math.inf
        self._stamp_s = math.nan

    @property
    def stamp_s(self) -> float:
        """The newest stamp; NaN before the first."""
        return self._stamp_s

    def hear(self, stamp_s: float) -> None:
        """A message came. One with the stamp of the one before is no news: its sender repeats itself."""
        if stamp_s != self._stamp_s:
            self._stamp_s, self._heard_s = stamp_s, self._clock()

    def as_of(self, now_s: float) -> float:
        """The stamp to compare with `now_s`; NaN, which is older than anything, before the first message."""
        if not self._simulated:
            return self._stamp_s
        return max(self._stamp_s, now_s - (self._clock() - self._heard_s))
