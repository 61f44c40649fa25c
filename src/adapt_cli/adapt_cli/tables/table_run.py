"""One run of a table: where its episodes lie, and what it was begun with."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path

from adapt_core.durable import write_whole
from adapt_core.errors import ConfigError
from adapt_core.robots import Robot, load_robot
from adapt_core.run_folder import RunFolder
from adapt_core.tables import Cell, Control, Table
from adapt_core.tasks import Suite, load_suite
from adapt_core.weights import WeightsRole
from adapt_learning.embedded_weights import weights_place
from adapt_learning.preset import Preset, load_preset


@dataclass(frozen=True)
class TableRun:
    """A table on its way: `worlds` are simulated at once; `command` starts it again.

    `weights` is a version in the run's own weights instead of the preset's; `finetune_steps` replace the preset's in loops.
    """

    table: Table
    folder: RunFolder
    worlds: int
    command: str
    weights: str = ""
    finetune_steps: int | None = None

    @cached_property
    def robot(self) -> Robot:
        """The robot as the models of the preset see it, in the table's control loop. Raises ConfigError."""
        loop = self.table.control_loop
        return load_robot(self.table.robot, {"control_loop": loop.value} if loop else None, self.table.preset)

    @cached_property
    def suite(self) -> Suite:
        """All tasks of the robot."""
        return load_suite(self.robot.suite)

    @cached_property
    def preset(self) -> Preset:
        """The models. Raises ConfigError."""
        return load_preset(self.table.preset)

    @property
    def experts(self) -> Path:
        """Store of the experts' episodes in the table's scenes."""
        return self.folder.path / "controls" / "experts"

    @property
    def latents(self) -> Path:
        """Encoded episodes: the loops begin with the same ones."""
        return self.folder.path / "latents"

    def run_id(self, cell: Cell) -> str:
        """Under which name a cell's episodes are stored."""
        if cell.filter is not None:
            return cell.name
        return f"evaluate-{cell.method}" + (f"-{self.weights}" if self.weights else "")

    def loop_folder(self, cell: Cell) -> RunFolder:
        """The run of a cell's loop."""
        return RunFolder(self.folder.path / "loops" / cell.name)

    def store_of(self, cell: Cell) -> Path:
        """The store that a cell's episodes are in."""
        if cell.filter is not None:
            return self.loop_folder(cell).episodes
        if cell.method == Control.RANDOM_WAYPOINT:
            return self.folder.path / "controls" / cell.method
        return self.folder.episodes

    def begin(self) -> None:
        """Write down what the run does, or check that a run begun earlier did the same.

        Other tasks, methods, seeds and numbers of episodes are welcome; raises ConfigError where episodes would mean
        something else, and for unknown tasks.
        """
        for task in self.table.tasks:
            _ = self.suite[task]
        path, now = self.folder.path / "table.json", self._meaning()
        if path.exists():
            before = json.loads(path.read_text())
            for key in now:
                if before.get(key) != now[key]:
                    raise ConfigError(
                        f"{self.folder.path} was begun with {key} = {before.get(key)}, not {now[key]}; give another "
                        "folder (--run) to start anew"
                    )
        self.folder.path.mkdir(parents=True, exist_ok=True)
        write_whole(path, (json.dumps(now, indent=2) + "\n").encode())

    def _meaning(self) -> dict[str, object]:
        """What the stored episodes depend on, beyond what each of them tells."""
        loop, robot = self.table.loop, self.robot
        data = json.loads(json.dumps(asdict(loop.initial_data))) if loop else None
        return {
            "robot": robot.name,
            "max_steps": robot.max_steps,
            "control_loop": robot.control_loop.value,
            "preset": self.table.preset,
            "weights": _hashes(self.preset),
            **({"initial_data": data} if loop else {}),
        }


def _hashes(preset: Preset) -> dict[str, str]:
    """The beginning of each embedded weights file's SHA-256."""
    hashes = {}
    for path in sorted(weights_place(preset, role).path for role in WeightsRole):
        if path.exists():
            with path.open("rb") as file:
                hashes[path.name] = hashlib.file_digest(file, "sha256").hexdigest()[:12]
    return hashes
