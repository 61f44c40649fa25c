"""Which of the nodes that motion depends on have fallen silent."""

from __future__ import annotations

import time
from collections.abc import Iterable

from adapt_core.safety.motion_state import Clock


class HeartbeatMonitor:
    """Watches `names`; one is lost when its last sign of life is more than `timeout_s` ago.

    Before the first sign of a node, its time counts from the monitor's making or its last `expect_from_now`.
    """

    def __init__(self, names: Iterable[str], timeout_s: float, clock: Clock = time.monotonic) -> None:
        """Start watching."""
        self._timeout_s = timeout_s
        self._clock = clock
        self._heard_s = dict.fromkeys(names, clock())

    def beat(self, name: str) -> None:
        """`name` gave a sign of life; nodes that are not watched are ignored."""
        if name in self._heard_s:
            self._heard_s[name] = self._clock()

    def expect_from_now(self) -> None:
        """Give every node a fresh `timeout_s`, as when motion begins."""
        self._heard_s = dict.fromkeys(self._heard_s, self._clock())

    def lost(self) -> list[str]:
        """Names of the silent nodes, in the order given; empty when all live."""
        now_s = self._clock()
        return [name for name, heard_s in self._heard_s.items() if now_s - heard_s > self._timeout_s]
