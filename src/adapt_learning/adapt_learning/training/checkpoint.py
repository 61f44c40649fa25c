"""Training checkpoints: one safetensors file, replaced atomically; nothing in it is ever unpickled."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import torch
from adapt_core.durable import sync
from adapt_core.errors import TrainingError
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor, nn

FILE = "checkpoint.safetensors"


@dataclass
class TrainState:
    """Everything that the next step depends on. `average` holds the averaged weights by name."""

    model: nn.Module
    average: dict[str, Tensor]
    optimizer: torch.optim.AdamW
    generator: torch.Generator
    step: int = 0


def save_checkpoint(folder: Path, state: TrainState, fingerprint: str) -> None:
    """Write `state` to `folder`; the file there is replaced only once the new one is whole on disk."""
    tensors = {f"model.{name}": value for name, value in state.model.state_dict().items()}
    tensors |= {f"average.{name}": value for name, value in state.average.items()}
    for index, moments in state.optimizer.state_dict()["state"].items():
        tensors |= {f"adam.{index}.{name}": value for name, value in moments.items()}
    tensors["generator"] = state.generator.get_state()
    meta = {"step": json.dumps(state.step), "fingerprint": fingerprint}
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / FILE
    temporary = path.with_suffix(".tmp")
    save_file({name: value.detach().cpu().clone().contiguous() for name, value in tensors.items()}, temporary, meta)
    sync(temporary)
    temporary.replace(path)


def load_checkpoint(folder: Path, state: TrainState, fingerprint: str) -> bool:
    """Bring `state` to where the checkpoint in `folder` left it; False when there is none.

    Raises TrainingError when the file is damaged, or is of a training with another `fingerprint`.
    """
    path = folder / FILE
    if not path.exists():
        return False
    try:
        with safe_open(path, "pt") as file:
            meta = file.metadata()
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - not a mapping
    except (SafetensorError, OSError) as error:
        raise TrainingError(f"{path} cannot be read ({error}): delete it to start this training afresh") from error
    if meta["fingerprint"] != fingerprint:
        raise TrainingError(f"{folder} holds a training of other data or settings: delete it or choose another")
    _restore(state, tensors)
    state.step = json.loads(meta["step"])
    return True


def _restore(state: TrainState, tensors: dict[str, Tensor]) -> None:
    state.model.load_state_dict(_below(tensors, "model."))
    for name, value in _below(tensors, "average.").items():
        state.average[name].copy_(value)
    moments: dict[int, dict[str, Tensor]] = {}
    for key, value in _below(tensors, "adam.").items():
        index, name = key.split(".", 1)
        moments.setdefault(int(index), {})[name] = value
    state.optimizer.load_state_dict({**state.optimizer.state_dict(), "state": moments})
    state.generator.set_state(tensors["generator"])


def _below(tensors: dict[str, Tensor], prefix: str) -> dict[str, Tensor]:
    return {name.removeprefix(prefix): value for name, value in tensors.items() if name.startswith(prefix)}
