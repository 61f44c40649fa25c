"""Wall time of an episode through the graph, against the same episode in one process."""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from adapt_core.robots import load_robot
from adapt_core.run_folder import RunFolder
from adapt_core.tasks import load_suite
from adapt_core.types import EpisodeRequest, EpisodeResult

TASK, PRESET, EPISODES = "drawer-close", "tiny", 10


def rows() -> list[dict[str, Any]]:
    """One row; the ratio is the graph's time over that of one process (1.15 at most is the aim)."""
    import torch
    from adapt_cli.graph_session import EnableLease
    from adapt_cli.graph_start import graph_or_running
    from adapt_cli.in_process import InProcess
    from adapt_cli.where import Where
    from adapt_ros.clients import RosEpisodeRunner

    torch.set_num_threads(1)  # as the graph's nodes do: config/nodes.yaml
    robot = load_robot("metaworld")
    in_graph, in_one = [], []
    with tempfile.TemporaryDirectory() as temporary:
        graph_folder, own_folder = (RunFolder(Path(temporary) / name) for name in ("graph", "process"))
        with (
            InProcess(robot, own_folder, PRESET, "") as parts,
            graph_or_running(robot, graph_folder, PRESET, "", Where(False, True, "bench")) as session,
            EnableLease(session, robot.enable_lease_s),
        ):
            runner = RosEpisodeRunner(session.node)  # once, as the loop has it
            for seed in range(EPISODES + 1):  # they take turns, so that other load on the machine meets both
                request = _request(seed)
                in_one.append(_seconds_a_step(lambda request=request: parts.runner.run(request)))
                in_graph.append(_seconds_a_step(lambda request=request: runner.run(request)))
    pairs = list(zip(in_graph, in_one, strict=True))[1:]  # the first episode warms both up
    ours, baseline = (1e3 * statistics.median(times) for times in zip(*pairs, strict=True))
    # Of each episode, then the median: the machine's own speed changes by the minute.
    ratio = statistics.median(graph / one for graph, one in pairs)
    return [{"name": "graph_overhead", "unit": "ms/frame", "ours": ours, "baseline": baseline, "ratio": ratio}]


def _request(seed: int) -> EpisodeRequest:
    robot = load_robot("metaworld")
    task = load_suite(robot.suite)[TASK]
    return EpisodeRequest(task, seed, "bench", 0, seed, robot.max_steps, robot.control_loop)


def _seconds_a_step(run: Callable[[], EpisodeResult]) -> float:
    """An episode's wall time over its recorded frames: both ways imagine the same, but may stop a frame apart."""
    began = time.perf_counter()
    result = run()
    assert not result.reason, result.reason
    return (time.perf_counter() - began) / result.steps


if __name__ == "__main__":
    print(rows())
