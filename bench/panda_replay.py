"""Poses of demonstrations followed by the whole chain: executor, guard, arm_driver and the simulated arm's controller.

Each is a process of its own and they talk over DDS, as under `adapt up panda`. `panda_replay_solved` is the share of 60
episodes that the simulator calls solved after any action, against that of the demonstrations themselves. `panda_chunk_s` is
the time on the wall for a chunk of eight poses, against how long the arm moves for it. No node watches another one's
heartbeats here: what is measured is where the arm goes, not whether the machine is busy.
"""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from adapt_cli.graph_session import EnableLease, GraphSession
from adapt_core.errors import AdaptError
from adapt_core.graph_options import GraphOptions
from adapt_core.robots import Robot, load_robot
from adapt_core.statistics import wilson_interval
from adapt_core.tasks import load_suite
from adapt_core.types import ActionChunk, ActionSpace
from adapt_ros.bringup import Graph
from adapt_ros.clients import RosWorld
from adapt_ros.graph import NodeDescription, describe
from adapt_sim.demonstrations import Demonstration
from adapt_sim.panda.demonstrations import collect_expert
from adapt_sim.panda.world import PandaWorld

NODES = ("simulated_arm", "arm_driver", "guard", "executor")
CHUNK = 8  # poses
NAMESPACE = "panda_replay"
EPISODES = 60
FIRST_SEED = 5000  # far from those of weights


def nodes_of(robot: Robot, run: Path) -> list[NodeDescription]:
    """The chain, nobody watched."""
    described = describe(robot, GraphOptions(run, preset="fake", namespace=NAMESPACE))
    return [replace(node, parameters=_watching_nobody(node)) for node in described if node.name in NODES]


def _watching_nobody(node: NodeDescription) -> dict[str, Any]:
    parameters = {name: value for name, value in node.parameters.items() if name != "watch"}
    return {**parameters, "silence_s": 20.0} if node.name == "arm_driver" else parameters


def demonstrations(episodes: int) -> Iterator[Demonstration]:
    """Of all tasks in turn."""
    tasks, world = sorted(load_suite("panda")), PandaWorld(image_size=32)
    for index in range(episodes):
        yield collect_expert(world, tasks[index % len(tasks)], FIRST_SEED + index)
    world.close()


def chunks(demonstration: Demonstration, robot: Robot) -> Iterator[ActionChunk]:
    """Its poses, in chunks."""
    actions = demonstration.end_effector_actions
    for first in range(0, len(actions), CHUNK):
        yield ActionChunk(ActionSpace.END_EFFECTOR, actions[first : first + CHUNK], robot.frame_skip, robot.frame_id)


def replay(world: RosWorld, robot: Robot, demonstration: Demonstration) -> dict[str, Any]:
    """Follow one demonstration in its scene."""
    first = world.reset(demonstration.task_id, demonstration.seed)
    solved, fault, now_s, timed = False, "", first.stamp_s, []
    try:
        for chunk in chunks(demonstration, robot):
            began = time.perf_counter()
            observations = world.execute(replace(chunk, stamp_s=now_s))
            if len(chunk.actions) == CHUNK:
                timed.append((time.perf_counter() - began, observations[-1].stamp_s - now_s))
            now_s = observations[-1].stamp_s
            solved |= any(bool(observation.success) for observation in observations)
    except AdaptError as error:
        fault = str(error)
    return {
        "task": demonstration.task_id,
        "seed": demonstration.seed,
        "demonstration": demonstration.success,
        "solved": solved,
        "fault": fault,
        "chunks": timed,
    }


def run(episodes: int) -> list[dict[str, Any]]:
    """Replay so many; each is printed when it ends."""
    robot, done = load_robot("panda"), []
    with tempfile.TemporaryDirectory() as folder, Graph(nodes_of(robot, Path(folder)), Path(folder)) as graph:
        graph.wait_ready()
        with GraphSession(f"/{NAMESPACE}") as session, EnableLease(session, robot.enable_lease_s):
            world = RosWorld(session.node, robot)
            for demonstration in demonstrations(episodes):
                done.append(replay(world, robot, demonstration))
                print(json.dumps(done[-1]), file=sys.stderr, flush=True)
                graph.check()
    return done


def rows(episodes: int = EPISODES) -> list[dict[str, Any]]:
    """The benchmark's rows."""
    done = run(episodes)
    solved, shown = (sum(bool(episode[key]) for episode in done) for key in ("solved", "demonstration"))
    low, high = wilson_interval(solved, episodes)
    print(f"{solved} of {episodes} solved, 95 % interval {low:.3f} to {high:.3f}", file=sys.stderr)
    chunks_timed = [pair for episode in done for pair in episode["chunks"]]
    wall_s, simulated_s = (statistics.median(column) for column in zip(*chunks_timed, strict=True))
    return [
        _row("panda_replay_solved", "share", solved / episodes, shown / episodes),
        _row("panda_chunk_s", "s", wall_s, simulated_s),
    ]


def _row(name: str, unit: str, ours: float, baseline: float) -> dict[str, Any]:
    return {"name": name, "unit": unit, "ours": ours, "baseline": baseline, "ratio": ours / baseline}


if __name__ == "__main__":
    print(json.dumps(rows(int(sys.argv[1]) if len(sys.argv) > 1 else EPISODES), indent=1))
