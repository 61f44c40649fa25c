"""The process between `adapt_ros.bringup` and the nodes: honcho, which stops all of them when one ends.

    python -m adapt_ros.supervisor <processes.json>

The file maps names to {"command": [...], "log": "..."}. What happens is told as one JSON object a line on stdout. When
stdin closes, because the parent wants it or because it died in whatever way, all processes are stopped. It is a process
of its own because honcho needs the main thread and forks, which a process with running ROS threads must not.
"""

from __future__ import annotations

import contextlib
import ctypes
import functools
import json
import os
import re
import shlex
import signal
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import TextIO

import honcho.manager
import honcho.printer
import honcho.process

KILL_AFTER_S = 3.0  # a process that does not heed SIGTERM for so long is killed
_PR_SET_PDEATHSIG = 1
_SYSTEM = re.compile(r"(?P<name>\S+) (?P<event>started|stopped) \((?:pid|rc)=(?P<number>-?\d+)\)\s*")


def die_with_parent() -> None:
    """Ask Linux to kill this process when its parent ends, even if the parent is killed."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


class BoundProcess(honcho.process.Process):
    """A process that does not outlive this one; honcho runs `run` in a child of its own."""

    def run(self, events: object = None, ignore_signals: bool = False) -> None:
        """Tie both the minder and what it minds to their parents, then mind it."""
        die_with_parent()
        self._child_ctor = functools.partial(honcho.process.Popen, preexec_fn=die_with_parent)
        super().run(events, ignore_signals)


class Logs:
    """honcho's printer: output into one file a process, starts and ends to the parent on stdout."""

    def __init__(self, files: dict[str, Path]) -> None:
        self.width = 0  # honcho sets it
        self.on_all_started: Callable[[], None] = lambda: None
        self._waiting = set(files)
        self._files: dict[str, TextIO] = {}
        for name, path in files.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            self._files[name] = path.open("a", buffering=1, encoding="utf-8")

    def write(self, message: honcho.printer.Message) -> None:
        """Take one line from honcho."""
        text = message.data.decode("utf-8", "replace") if isinstance(message.data, bytes) else message.data
        if message.name in self._files:
            with contextlib.suppress(OSError):  # a full disk must not stop the robot's nodes
                self._files[message.name].write(text)
            return
        told = _SYSTEM.fullmatch(text)
        if told is None:
            return
        self._tell(told["name"], told["event"], int(told["number"]))
        if told["event"] == "started":
            self._waiting.discard(told["name"])
            if not self._waiting:
                self.on_all_started()

    def _tell(self, name: str, event: str, number: int) -> None:
        with contextlib.suppress(OSError):  # the parent may be gone
            print(json.dumps({"name": name, "event": event, "number": number}), flush=True)


def main() -> None:
    """Run the processes of the file named on the command line until one ends or stdin closes."""
    processes = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    logs = Logs({name: Path(process["log"]) for name, process in processes.items()})
    manager = honcho.manager.Manager(printer=logs)
    manager._process_ctor = BoundProcess
    # This thread starts after the last process, so that honcho forks without threads and knows whom to stop.
    logs.on_all_started = threading.Thread(target=_stop_with_parent, args=(manager,), daemon=True).start
    for name, process in processes.items():
        manager.add_process(name, "exec " + shlex.join(process["command"]))
    manager.loop()


def _stop_with_parent(manager: honcho.manager.Manager) -> None:
    while os.read(0, 1024):
        pass
    manager.terminate()
    time.sleep(KILL_AFTER_S)
    manager.kill()


if __name__ == "__main__":
    main()
