"""A node that another one talks to, watched by its heartbeats."""

from __future__ import annotations

import time

from adapt_core.errors import PeerLostError

from adapt_ros.endpoints import resolved
from adapt_ros.node import AdaptNode

SILENCE_S = 5.0  # a peer silent for longer is taken for dead; the guard, which holds motion, is far stricter


class Peer:
    """The node `name` in `namespace`; in the same as `node` when empty."""

    def __init__(self, node: AdaptNode, name: str, namespace: str = "") -> None:
        self.full_name = resolved(name, namespace or node.get_namespace())
        self._heartbeats = node.heartbeats(self.full_name)
        self._expected_s = time.monotonic()

    def expect_from_now(self) -> None:
        """Begin to wait for it: whatever silence there was before does not count."""
        self._expected_s = time.monotonic()

    def check(self) -> None:
        """Raise PeerLostError when it is silent for too long."""
        last_s = max(self._expected_s, self._heartbeats.last_s or 0.0)
        if time.monotonic() - last_s > SILENCE_S:
            raise self.lost("died or hangs")

    def lost(self, how: str) -> PeerLostError:
        """The error to raise when this peer `how`."""
        return PeerLostError(f"{self.full_name} {how}; see its log, then start the graph again with the same command")
