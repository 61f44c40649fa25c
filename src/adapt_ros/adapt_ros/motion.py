"""One chunk in motion under the guard's eyes."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from adapt_core.safety import Rejection
from rclpy.action import ActionClient

from adapt_interfaces.action import ExecuteChunk
from adapt_ros.arm_brake import ArmBrake
from adapt_ros.chunk_call import ChunkCall
from adapt_ros.motion_gate import Fault


class Motion:
    """From the chunk's hand-over to the world until the world, interrupted or not, has answered.

    A world that does not answer a cancel within `give_up_s` is not waited for. The arm behind it is then braked, or as soon
    as the world is known to be lost.
    """

    def __init__(
        self,
        world: ActionClient,
        goal: ExecuteChunk.Goal,
        give_up_s: float,
        on_executed: Callable[[Sequence[int]], None],
        brake: ArmBrake | None = None,
    ) -> None:
        self._call = ChunkCall(world, goal, on_executed)
        self._give_up_s = give_up_s
        self._brake = brake
        self._cancelled_s: float | None = None
        self.fault: Fault | None = None

    def interrupt(self, fault: Fault | None = None) -> None:
        """Stop it, because of `fault` or because it was asked for; the first reason counts."""
        if self._cancelled_s is None:
            self._cancelled_s = time.monotonic()
            self.fault = fault
        self._call.cancel()

    def check_answer(self, lost: bool) -> None:
        """Give up a world that ignores a cancel; called again and again. `lost`: the world is known to be dead."""
        silent = self._cancelled_s is not None and time.monotonic() - self._cancelled_s > self._give_up_s
        if (silent or lost) and self._brake is not None:
            self._brake.pull()
            self._brake = None  # once
        if silent:
            self._call.give_up()

    async def result(self) -> ExecuteChunk.Result:
        """What came of it; the code of an interruption stands before that of the world."""
        answer = await self._call.result()
        if answer is None:
            answer = ExecuteChunk.Result(sequences=self._call.sequences)
            answer.code = Rejection.PEER_LOST.value
            answer.message = "the world took no chunk or did not answer: see its log"
            answer.rejected = self._cancelled_s is None
        if self.fault is not None:
            answer.code, answer.message = self.fault[0].value, self.fault[1]
            answer.rejected = False
        return answer
