"""May the robot move at all? A lease that must be renewed, and a stop that stays."""

from __future__ import annotations

import time
from collections.abc import Callable

Clock = Callable[[], float]  # seconds, never running backwards


class EnableLease:
    """Motion is enabled for `duration_s` from each renewal, and not before the first."""

    def __init__(self, duration_s: float, clock: Clock = time.monotonic) -> None:
        """A lease that is not held yet."""
        self._duration_s = duration_s
        self._clock = clock
        self._until_s: float | None = None

    def renew(self) -> None:
        """Hold it for another `duration_s` from now."""
        self._until_s = self._clock() + self._duration_s

    def release(self) -> None:
        """Give it back at once."""
        self._until_s = None

    @property
    def held(self) -> bool:
        """Is motion enabled now?"""
        return self._until_s is not None and self._clock() < self._until_s


class StopLatch:
    """Once set it stays set, with its first reason, until it is reset on purpose."""

    def __init__(self) -> None:
        """A latch that is not set."""
        self._reason: str | None = None

    def set(self, reason: str) -> None:
        """Stop. Later reasons do not replace the first."""
        if self._reason is None:
            self._reason = reason

    def reset(self) -> None:
        """Allow motion again; who enables it must still do so."""
        self._reason = None

    @property
    def stopped(self) -> bool:
        """Is it set?"""
        return self._reason is not None

    @property
    def reason(self) -> str:
        """Why it is set; empty when it is not."""
        return self._reason or ""
