"""The hand of a real Panda, by panda-python."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from typing import Any

from adapt_core.safety import Rejection, refuse

Command = Callable[[], bool]


class PandaGripper:
    """See GripperHardware. The library's calls block until the fingers have arrived, so they have a thread of their own."""

    def __init__(self, gripper: Any, open_width_m: float) -> None:
        """`gripper` is a panda_py.libfranka.Gripper."""
        self._gripper, self._open_width_m = gripper, open_width_m
        self._commands: queue.SimpleQueue[Command | None] = queue.SimpleQueue()
        self._asked = self._done = 0
        self._stopper: threading.Thread | None = None
        self.succeeded = True
        self.width_m = float(gripper.read_once().width)
        self._thread = threading.Thread(target=self._run, name="panda_gripper", daemon=True)
        self._thread.start()

    @property
    def busy(self) -> bool:
        """A command is being pursued."""
        return self._asked != self._done

    def measure(self) -> None:
        """Read `width_m`, unless a command is being pursued: that reads it at its end."""
        if not self.busy:
            self.width_m = float(self._gripper.read_once().width)

    def move(self, width_m: float, speed_m_s: float) -> None:
        """Raises PlanRejectedError for a width that the hand does not have."""
        self._check(width_m, speed_m_s)
        self._ask(lambda: bool(self._gripper.move(width_m, speed_m_s)))

    def grasp(self, width_m: float, speed_m_s: float, force_n: float, inner_m: float, outer_m: float) -> None:
        """Raises PlanRejectedError for a width that the hand does not have."""
        self._check(width_m, speed_m_s)
        self._ask(lambda: bool(self._gripper.grasp(width_m, speed_m_s, force_n, inner_m, outer_m)))

    def stop(self) -> None:
        """Have the library give up a call that blocks; from a thread of its own, for this one waits for the robot."""
        if self.busy and self._stopper is None:
            self._stopper = threading.Thread(target=self._stop, name="panda_gripper_stop", daemon=True)
            self._stopper.start()

    def close(self) -> None:
        """End the thread once its command has ended."""
        self.stop()
        self._commands.put(None)

    def _check(self, width_m: float, speed_m_s: float) -> None:
        if not 0.0 <= width_m <= self._open_width_m:
            refuse(
                Rejection.OUTSIDE_LIMITS,
                f"the hand opens from 0 to {self._open_width_m:g} m; {width_m:g} m was asked for",
            )
        if not speed_m_s > 0:
            refuse(Rejection.OUTSIDE_LIMITS, f"the fingers need a speed above 0 m/s, not {speed_m_s:g}")

    def _ask(self, command: Command) -> None:
        self.stop()
        self._asked += 1
        self._commands.put(command)

    def _run(self) -> None:
        while (command := self._commands.get()) is not None:
            if (stopper := self._stopper) is not None:  # it must not stop the next one
                stopper.join()
                self._stopper = None
            if self._asked - self._done == 1:  # else a newer one waits
                self._pursue(command)
            self._done += 1

    def _pursue(self, command: Command) -> None:
        try:
            self.succeeded = command()
            self.width_m = float(self._gripper.read_once().width)
        except RuntimeError:  # the fingers did not arrive
            self.succeeded = False

    def _stop(self) -> None:
        try:
            self._gripper.stop()
        except RuntimeError:  # nothing was there to stop
            return
