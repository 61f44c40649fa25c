"""Starts a graph as separate processes, where ROS's own launch is not installed (and for tests and `--up`).

with Graph(describe(robot, options), run) as graph:
    graph.wait_ready()
    ...            # graph.check() raises when a node has died
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from signal import Signals
from types import TracebackType

from adapt_core.errors import PeerLostError
from adapt_core.run_folder import RunFolder

from adapt_ros.graph import ENVIRONMENT, NodeDescription
from adapt_ros.namespace_lock import NamespaceLock, already_running
from adapt_ros.presence import Presence

ReadyProgress = Callable[[int, int, str], None]  # (nodes up, nodes in all, name of the one that just came up)
STOP_TIMEOUT_S = 4.5
READY_TIMEOUT_S = 300.0  # models load slowly on a busy machine; a node that died is known at once
DISCOVERY_S = 1.0
TAIL_LINES = 15


def ensure_not_running(namespace: str, discovery_s: float = DISCOVERY_S) -> None:
    """Raise AlreadyRunningError when nodes of a graph are up in `namespace`."""
    with Presence() as presence:
        deadline = time.monotonic() + discovery_s
        while time.monotonic() < deadline:
            found = presence.nodes_in(namespace)
            if found:
                raise already_running(namespace, f"nodes {', '.join(found)}")
            time.sleep(0.05)


class Graph:
    """The processes of one graph, from `with` to the end of its block."""

    def __init__(self, nodes: Sequence[NodeDescription], run: Path) -> None:
        self._nodes = {node.name: node for node in nodes}
        self._log = RunFolder(run).log
        self._supervisor: subprocess.Popen[str] | None = None
        self._listener: threading.Thread | None = None
        self._locks: list[NamespaceLock] = []
        self._pids: dict[str, int] = {}
        self._first_end: tuple[str, int] | None = None  # node and exit status
        self._ended = threading.Event()

    def __enter__(self) -> Graph:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def pids(self) -> dict[str, int]:
        """Process id of each node that was started."""
        return dict(self._pids)

    def start(self) -> None:
        """Start all nodes; returns at once. Raises AlreadyRunningError when one of the same name is up."""
        namespaces = sorted({node.namespace for node in self._nodes.values()})
        self._locks = [NamespaceLock(namespace) for namespace in namespaces]
        try:
            for namespace in namespaces:
                ensure_not_running(namespace)
            self._start_supervisor()
        except BaseException:
            self._release_locks()
            raise

    def _start_supervisor(self) -> None:
        processes = {
            node.name: {"command": command(node), "log": str(self._log_file(node.name))}
            for node in self._nodes.values()
        }
        self._log.mkdir(parents=True, exist_ok=True)
        file = self._log / "processes.json"
        file.write_text(json.dumps(processes, indent=2) + "\n", encoding="utf-8")
        self._supervisor = subprocess.Popen(
            [sys.executable, "-m", "adapt_ros.supervisor", str(file)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=(self._log / "supervisor.log").open("a"),
            text=True,
            env=environment(),
            start_new_session=True,  # Ctrl-C is for the parent, which then stops the nodes in order
        )
        self._listener = threading.Thread(target=self._listen, args=(self._supervisor,), daemon=True)
        self._listener.start()

    def wait_ready(self, progress: ReadyProgress | None = None, timeout_s: float = READY_TIMEOUT_S) -> None:
        """Wait until each node's heartbeat was seen. Raises PeerLostError when one dies or never comes up."""
        deadline = time.monotonic() + timeout_s
        missing = {node.full_name: node.name for node in self._nodes.values()}
        with Presence(missing) as presence:
            while missing:
                self.check()
                for full_name in presence.alive() & missing.keys():
                    name = missing.pop(full_name)
                    if progress is not None:
                        progress(len(self._nodes) - len(missing), len(self._nodes), name)
                if missing and time.monotonic() > deadline:
                    raise PeerLostError(self._never_came_up(sorted(missing.values()), timeout_s))
                time.sleep(0.05)

    def check(self) -> None:
        """Raise PeerLostError when a node has died; the others are then being stopped."""
        if self._first_end is not None:
            name, status = self._first_end
            raise PeerLostError(
                f"node {name} {describe_exit(status)}; the rest of the graph was stopped. The end of "
                f"{self._log_file(name)}:\n{self._tail(name)}\nNothing stored is lost: the same command resumes."
            )
        if self._ended.is_set():
            raise PeerLostError(f"the process that minds the nodes ended: see {self._log / 'supervisor.log'}")

    def wait(self) -> None:
        """Block until a node dies (PeerLostError) or Ctrl-C (KeyboardInterrupt)."""
        while True:
            self.check()
            self._ended.wait(0.2)

    def stop(self) -> None:
        """Stop all nodes and wait until they are gone."""
        if self._supervisor is None:
            return
        try:
            self._stop_supervisor(self._supervisor)
        finally:
            self._supervisor = None
            self._release_locks()

    def _stop_supervisor(self, supervisor: subprocess.Popen[str]) -> None:
        assert supervisor.stdin is not None
        supervisor.stdin.close()  # tells it to stop all
        try:
            supervisor.wait(STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            supervisor.kill()  # its children are bound to it and die with it
            supervisor.wait()
        if self._listener is not None:
            self._listener.join()

    def _release_locks(self) -> None:
        while self._locks:
            self._locks.pop().release()

    def _listen(self, supervisor: subprocess.Popen[str]) -> None:
        assert supervisor.stdout is not None
        for line in supervisor.stdout:
            told = json.loads(line)
            if told["event"] == "started":
                self._pids[told["name"]] = told["number"]
            elif self._first_end is None:
                self._first_end = (told["name"], told["number"])
        self._ended.set()

    def _log_file(self, name: str) -> Path:
        return self._log / f"{name}.log"

    def _tail(self, name: str) -> str:
        try:
            lines = self._log_file(name).read_text(encoding="utf-8", errors="replace").splitlines()
        except OSError as error:
            return f"(no log: {error})"
        return "\n".join(f"  {line}" for line in lines[-TAIL_LINES:]) or "  (empty)"

    def _never_came_up(self, names: list[str], timeout_s: float) -> str:
        return (
            f"node {', '.join(names)} did not come up within {timeout_s:g} s. The end of {self._log_file(names[0])}:\n"
            f"{self._tail(names[0])}\nCorrect what it says and start again."
        )


def command(node: NodeDescription) -> list[str]:
    """The command line of a node's process."""
    return [sys.executable, "-m", f"adapt_ros.nodes.{node.name}", *node.ros_arguments()]


def environment() -> dict[str, str]:
    """The environment of the nodes: the graph's, then this process's."""
    return {**ENVIRONMENT, "PYTHONUNBUFFERED": "1", **os.environ}


def describe_exit(status: int) -> str:
    """An exit status as honcho reports it, in words."""
    if status < 0:
        return f"was ended by signal {-status} ({Signals(-status).name})"
    return f"exited with code {status}"
