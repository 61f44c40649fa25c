"""May the robot move now? The enable lease, the stop latch and the lives of the nodes that motion depends on."""

from __future__ import annotations

from collections.abc import Sequence

from adapt_core.safety import EnableLease, HeartbeatMonitor, Rejection, StopLatch

STOPPING_S = 0.1  # part of a robot's heartbeat_timeout_s that is kept for the stopping itself
Fault = tuple[Rejection, str]  # why not, as a code and as a sentence


class MotionGate:
    """Closed at first: nobody has enabled motion."""

    def __init__(self, watched: Sequence[str], heartbeat_timeout_s: float, longest_lease_s: float) -> None:
        """`watched` are fully qualified names of nodes."""
        self.monitor = HeartbeatMonitor(watched, heartbeat_timeout_s)
        self._timeout_s = heartbeat_timeout_s
        self._longest_lease_s = longest_lease_s
        self._lease = EnableLease(longest_lease_s)
        self._latch = StopLatch()

    @property
    def enabled(self) -> bool:
        """The lease is held."""
        return self._lease.held

    @property
    def stopped(self) -> bool:
        """The stop latch is set."""
        return self._latch.stopped

    def enable(self, lease_s: float) -> None:
        """Take or renew the lease for `lease_s`, at most the robot's."""
        self._lease = EnableLease(min(lease_s, self._longest_lease_s))
        self._lease.renew()

    def disable(self) -> None:
        """Give the lease back."""
        self._lease.release()

    def stop(self, reason: str) -> None:
        """Close until `reset_stop`."""
        self._latch.set(reason)

    def reset_stop(self) -> None:
        """Undo `stop`."""
        self._latch.reset()

    def lost(self) -> list[str]:
        """The watched nodes that are silent."""
        return self.monitor.lost()

    def fault(self) -> Fault | None:
        """Why nothing may move; None when it may."""
        if self._latch.stopped:
            return Rejection.STOPPED, f"stopped: {self._latch.reason}. Look at the robot, then call reset_stop"
        if not self._lease.held:
            return Rejection.NOT_ENABLED, "motion is not enabled, or nobody renewed it: enable it and keep renewing it"
        lost = self.lost()
        if lost:
            silence = f"no heartbeat of {', '.join(lost)} for more than {self._timeout_s:g} s"
            return Rejection.PEER_LOST, f"{silence}: see its log, then start the graph again with the same command"
        return None
