"""A run's folder: where its episodes, weights, logs and report lie, and what it was started with."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from adapt_core.durable import write_whole
from adapt_core.errors import ConfigError
from adapt_core.settings import SailSettings
from adapt_core.types import ControlLoop

_LATER: dict[str, object] = {  # what older runs do not say
    "rollback": "none",
    "finetune_inverse_dynamics": None,
    "initial_data_only": False,
    "experience_share": None,
}


@dataclass(frozen=True)
class RunFolder:
    """The folder of one run. Its name is the run's id."""

    path: Path

    @property
    def run_id(self) -> str:
        """Name of the run, under which its episodes and weights are known."""
        return self.path.resolve().name

    @property
    def episodes(self) -> Path:
        """Folder of the episode store."""
        return self.path / "episodes"

    @property
    def demos(self) -> Path:
        """Folder of the store of demonstrations."""
        return self.path / "demos"

    @property
    def weights(self) -> Path:
        """Folder of the weights store."""
        return self.path / "weights"

    @property
    def log(self) -> Path:
        """Folder of the log files, one a node."""
        return self.path / "log"

    @property
    def settings_file(self) -> Path:
        """What the run was started with."""
        return self.path / "run.json"

    def settings(self) -> dict[str, object]:
        """What the run was started with; raises ConfigError where no run was started."""
        try:
            return dict(json.loads(self.settings_file.read_text()))
        except FileNotFoundError:
            raise ConfigError(
                f"{self.path} holds no run ({self.settings_file.name} is missing); give the folder of a run"
            ) from None
        except ValueError as error:
            raise ConfigError(
                f"{self.settings_file} is not JSON ({error}); mend it or start a new run folder"
            ) from None

    def begin(self, task_id: str, seed: int, settings: SailSettings, control_loop: ControlLoop, **facts: str) -> None:
        """Write down what the run does, or check that a run begun earlier did the same.

        More iterations or episodes than before are welcome; another task, seed, filter, finetuning or control
        loop raises ConfigError.
        """
        loop = {"control_loop": control_loop.value}
        now: dict[str, object] = {"task": task_id, "seed": seed, **asdict(settings), **loop, **facts}
        if self.settings_file.exists():
            before = {**loop, **_LATER, **self.settings()}  # older runs say less
            for key in ("task", "seed", "filter", "initial_data", "finetune", "control_loop", *_LATER):
                if before.get(key) != now[key]:
                    raise ConfigError(
                        f"{self.path} was begun with {key} = {before.get(key)}, not {now[key]}; "
                        "give the same to resume it, or another folder to start anew"
                    )
        self.path.mkdir(parents=True, exist_ok=True)
        write_whole(self.settings_file, (json.dumps(now, indent=2) + "\n").encode())
