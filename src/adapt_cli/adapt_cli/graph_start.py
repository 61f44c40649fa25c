"""Starts the graph of a robot, or finds the one that runs."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from adapt_core.errors import AdaptError
from adapt_core.graph_options import GraphOptions
from adapt_core.robots import Robot
from adapt_core.run_folder import RunFolder
from adapt_ros.bringup import Graph
from adapt_ros.graph import absolute, describe

from adapt_cli.bars import bar
from adapt_cli.graph_session import GraphSession
from adapt_cli.where import Where

NOTICED_S = 0.5  # until the end of a process is known


@contextmanager
def graph_or_running(robot: Robot, folder: RunFolder, preset: str, method: str, where: Where) -> Iterator[GraphSession]:
    """Yields a session with the graph: one started here and stopped at the end when `where.up`, else the one that runs."""
    name = where.namespace or robot.name
    if not where.up:
        with GraphSession(absolute(name)) as session:
            yield session
        return
    options = GraphOptions(run=folder.path, preset=preset, method=method, namespace=name)
    with started(robot, options) as graph, GraphSession(absolute(name)) as session:
        try:
            yield session
        except AdaptError:
            time.sleep(NOTICED_S)
            graph.check()  # a node that died explains more than what its peers noticed of it
            raise


@contextmanager
def started(robot: Robot, options: GraphOptions) -> Iterator[Graph]:
    """A graph whose nodes all have shown a heartbeat; stopped at the end of the block."""
    options.run.mkdir(parents=True, exist_ok=True)
    with Graph(describe(robot, options), options.run) as graph:
        with bar("starting the graph") as report:
            graph.wait_ready(report)
        yield graph
