"""Training checkpoints: one safetensors file, replaced atomically; nothing in it is ever unpickled."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import torch
from adapt_core.errors import TrainingError
from safetensors import SafetensorError
from torch import Tensor, nn

from adapt_learning.tensor_file import read_tensors, write_tensors

FILE = "checkpoint.safetensors"


@dataclass
class TrainState:
    """Everything that the next step depends on. `average` holds the averaged weights by name."""

    model: nn.Module
    average: dict[str, Tensor]
    optimizer: torch.optim.AdamW
    scaler: torch.amp.GradScaler
    step: int = 0


def save_checkpoint(folder: Path, state: TrainState, fingerprint: str) -> None:
    """Write `state` to `folder`; the file there is replaced only once the new one is whole on disk.

    Raises StorageFullError; the file that was there is whole then.
    """
    tensors = {f"model.{name}": value for name, value in state.model.state_dict().items()}
    tensors |= {f"average.{name}": value for name, value in state.average.items()}
    for index, moments in state.optimizer.state_dict()["state"].items():
        tensors |= {f"adam.{index}.{name}": value for name, value in moments.items()}
    scaler = json.dumps(state.scaler.state_dict())
    write_tensors(folder / FILE, tensors, {"step": str(state.step), "scaler": scaler, "fingerprint": fingerprint})


def load_checkpoint(folder: Path, state: TrainState, fingerprint: str) -> bool:
    """Bring `state` to where the checkpoint in `folder` left it; False when there is none.

    Raises TrainingError when the file is damaged, or is of a training with another `fingerprint`.
    """
    path = folder / FILE
    if not path.exists():
        return False
    try:
        tensors, meta = read_tensors(path)
    except (SafetensorError, OSError) as error:
        raise TrainingError(f"{path} cannot be read ({error}): delete it to start this training afresh") from error
    if meta["fingerprint"] != fingerprint:
        raise TrainingError(f"{folder} holds a training of other data or settings: delete it or choose another")
    _restore(state, tensors)
    state.scaler.load_state_dict(json.loads(meta["scaler"]))
    state.step = int(meta["step"])
    return True


@torch.no_grad()
def _restore(state: TrainState, tensors: dict[str, Tensor]) -> None:
    state.model.load_state_dict(_below(tensors, "model."))
    for name, value in _below(tensors, "average.").items():
        state.average[name].copy_(value)
    parameters = state.optimizer.param_groups[0]["params"]
    moments: dict[int, dict[str, Tensor]] = {}
    for key, value in _below(tensors, "adam.").items():
        index, name = key.split(".", 1)
        like = parameters[int(index)]
        laid_out = torch.empty_like(like).copy_(value) if value.shape == like.shape else value  # in memory as before
        moments.setdefault(int(index), {})[name] = laid_out
    state.optimizer.load_state_dict({**state.optimizer.state_dict(), "state": moments})


def _below(tensors: dict[str, Tensor], prefix: str) -> dict[str, Tensor]:
    return {name.removeprefix(prefix): value for name, value in tensors.items() if name.startswith(prefix)}
