"""How soon the simulated Panda stands still after a node that its motion depends on hangs.

Real processes at real pace: while the arm moves, one of the graph's processes or who holds the enable lease is stopped by
SIGSTOP, which is a hang and for the guard no different from a death. Timed is from the signal to the last message of joint
states in which a joint turns. The baseline is the same hang while the same motion is driven without the guard, which runs to
its end.
"""

from __future__ import annotations

import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from adapt_core.graph_options import GraphOptions
from adapt_core.kinematics.arm import ArmModel
from adapt_core.kinematics.chunk_motion import plan_chunk
from adapt_core.robots import FAKE_PRESET, Source, load_robot
from adapt_core.types import ActionChunk, ActionSpace

TRIALS, BASELINES, TASK, NAMESPACE = 50, 5, "push-red-cup", "/bench_stops"
UNUSED = ("trainer", "labeler", "sail")  # nothing that moves depends on them
LEASE = "lease"
VICTIMS = ("planner", "executor", LEASE, "episode_runner", "inverse_dynamics", "arm_driver")
MOST = 2  # as many trials are made at most: those do not count in which a starved machine has stopped the arm before
TURNS_RAD_S, STANDS_S, PATIENCE_S, RESETS = 0.01, 0.7, 60.0, 20
HOLDER = """
import sys, time
from adapt_cli.graph_session import EnableLease, GraphSession
with GraphSession(sys.argv[1]) as session, EnableLease(session, float(sys.argv[2])):
    while sys.stdin.readline():
        pass
"""


class Bench:
    """The graph, and who holds its lease; a node of our own that listens to the joints."""

    def __init__(self, session: Any, pids: dict[str, int]) -> None:
        from adapt_ros.arm_interfaces import ArmNames

        from adapt_ros import convert, interfaces

        self.convert, self.interfaces, self.node = convert, interfaces, session.node
        self.robot = load_robot("panda")
        self.arm = ArmModel.of(self.robot)
        self.pids = dict(pids)
        self.positions, self.turned_s, self.stamp_s = self.arm.home, 0.0, 0.0
        assert self.robot.arm is not None
        states = ArmNames.of(self.robot.arm, NAMESPACE).joint_states
        self.node.in_executor(states.subscription, self.node, self._hear).result()
        self.enabled = False
        self.node.in_executor(interfaces.GUARD_STATUS.subscription, self.node, self._hear_guard).result()
        self.reset = session.calls("arm_driver"), interfaces.RESET_WORLD.client(self.node)
        self.guarded = interfaces.EXECUTE_CHUNK.client(self.node)
        self.unguarded = interfaces.WORLD_EXECUTE_CHUNK.client(self.node)

    def _hear(self, message: Any) -> None:
        joints = self.convert.from_joint_state(message, self.arm.joint_names)
        self.positions, self.stamp_s = joints.positions, joints.stamp_s
        if np.abs(joints.velocities).max() > TURNS_RAD_S:
            self.turned_s = time.monotonic()

    def _hear_guard(self, message: Any) -> None:
        self.enabled = message.enabled

    def until(self, condition: Callable[[], Any], what: str) -> None:
        """Wait for `condition`."""
        deadline_s = time.monotonic() + PATIENCE_S
        while not condition():
            if time.monotonic() > deadline_s:
                raise TimeoutError(f"waited in vain for {what}")
            time.sleep(0.002)

    def trial(self, victim: str, seed: int, guarded: bool) -> float | None:
        """Seconds from the hang of `victim` to the arm's standstill; None when something else has stopped it before."""
        from adapt_ros.clients.calls import GoalCall

        response = self._reset(seed)
        self.until(lambda: time.monotonic() - self.turned_s > STANDS_S, "the arm to stand")
        self.until(lambda: self.enabled, "the lease")
        goal = self._goal(self.convert.from_time(response.observation.header.stamp), guarded)
        began_s = time.monotonic()
        call = GoalCall(self.node, self.guarded if guarded else self.unguarded, goal)
        self.until(lambda: self.turned_s > began_s or call.result.done(), "the arm to move")
        time.sleep(np.random.default_rng(seed).uniform(0.3, 1.0))
        os.kill(self.pids[victim], signal.SIGSTOP)
        hung_s = time.monotonic()
        try:
            self.until(lambda: time.monotonic() - self.turned_s > STANDS_S, "the arm to stand")
        finally:
            os.kill(self.pids[victim], signal.SIGCONT)
        self.until(call.result.done, "the chunk to end")
        stopped = call.result.result()
        because = stopped.code == "not_enabled" if victim == LEASE else f"/{victim}" in stopped.message
        if self.turned_s > hung_s and ((because and not stopped.rejected) if guarded else not stopped.code):
            return self.turned_s - hung_s
        print(f"{victim} does not count: {stopped.message}", file=sys.stderr)
        return None

    def _reset(self, seed: int) -> Any:
        """The response; a driver that still ends the chunk before is asked again."""
        calls, client = self.reset
        for _ in range(RESETS):
            response = calls.service(client, client.srv_type.Request(task_id=TASK, seed=seed))
            if response.success:
                return response
            time.sleep(STANDS_S)
        raise RuntimeError(f"no new scene: {response.message}")

    def _goal(self, stamp_s: float, guarded: bool) -> Any:
        """A way to the left that rests nowhere."""
        rows = np.tile(np.append(self.arm.forward(self.arm.home), 1.0), (8, 1))  # (n, 8)
        rows[:, 1] += 0.05 * np.arange(1, 9)
        skip, frame_id = self.robot.frame_skip, self.robot.frame_id
        chunk = ActionChunk(ActionSpace.END_EFFECTOR, rows, skip, frame_id, stamp_s)
        goal = self.guarded._action_type.Goal(chunk=self.convert.to_chunk(chunk))
        if not guarded:
            motion = plan_chunk(self.arm, chunk, self.positions, self.robot.control_period_s)
            goal.motion = self.convert.to_motion(motion, self.arm.joint_names)
        return goal


def rows() -> list[dict[str, Any]]:
    """Median and worst of `TRIALS`, and those of the baseline."""
    guarded, unguarded = latencies(TRIALS, BASELINES)
    values = [time_s for times_s in guarded.values() for time_s in times_s]
    pairs = (("median", statistics.median), ("worst", max))
    return [
        {
            "name": f"stop_latency_{name}_s",
            "unit": "s",
            "ours": of(values),
            "baseline": of(unguarded),
            "ratio": of(values) / of(unguarded),
        }
        for name, of in pairs
    ]


def latencies(trials: int, baselines: int) -> tuple[dict[str, list[float]], list[float]]:
    """Seconds to standstill by victim, and without the guard."""
    from adapt_cli.graph_session import GraphSession
    from adapt_ros.bringup import Graph
    from adapt_ros.graph import describe

    robot, found = load_robot("panda"), dict[str, list[float]]()
    with tempfile.TemporaryDirectory() as folder:
        options = GraphOptions(Path(folder), FAKE_PRESET, namespace=NAMESPACE, source=Source.SIM, pace=1.0)
        nodes = [node for node in describe(robot, options) if node.name not in UNUSED]
        with Graph(nodes, Path(folder)) as graph, GraphSession(NAMESPACE) as session:
            graph.wait_ready()
            holder = subprocess.Popen(
                [sys.executable, "-c", HOLDER, NAMESPACE, str(robot.enable_lease_s)], stdin=subprocess.PIPE
            )
            try:
                bench = Bench(session, graph.pids | {LEASE: holder.pid})
                for trial in range(MOST * trials):
                    victim = VICTIMS[trial % len(VICTIMS)]
                    time_s = bench.trial(victim, trial, guarded=True)
                    if time_s is not None:
                        found.setdefault(victim, []).append(time_s)
                    if sum(map(len, found.values())) == trials:
                        break
                free = (bench.trial("planner", trial, guarded=False) for trial in range(baselines))
                return found, [time_s for time_s in free if time_s is not None]
            finally:
                assert holder.stdin is not None
                holder.stdin.close()
                holder.wait()


if __name__ == "__main__":
    for victim, times_s in latencies(TRIALS, BASELINES)[0].items():
        print(victim, " ".join(f"{time_s:.3f}" for time_s in times_s))
