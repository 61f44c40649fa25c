"""One model's weights in one safetensors file that says which preset and role they are for."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection
from pathlib import Path
from typing import TypeVar

import torch
from adapt_core.errors import WeightsError
from adapt_core.weights import WeightsRole
from safetensors import SafetensorError
from torch import Tensor, nn

from adapt_learning.tensor_file import read_facts, read_tensors, write_tensors

M = TypeVar("M", bound=nn.Module)
R = TypeVar("R")


def weights_name(role: WeightsRole) -> str:
    """The file name of `role`'s weights in a version's folder."""
    return f"{role.value}.safetensors"


def save_weights(
    model: nn.Module,
    path: Path,
    preset: str,
    role: WeightsRole,
    half: bool = False,
    space: str | None = None,
    prompts: Collection[str] = (),
) -> None:
    """Write the weights of `model` to `path`; `half` stores float16, at half the size and 3 decimal digits.

    `space` is the latent space that a video model works in, `prompts` what it was shown demonstrations of. The file is
    there whole or not at all. Raises StorageFullError.
    """
    dtype = torch.float16 if half else torch.float32
    tensors = {name: value.to(dtype) for name, value in model.state_dict().items()}
    of_space = {} if space is None else {"space": space}
    of_prompts = {"prompts": json.dumps(sorted(prompts))} if prompts else {}
    write_tensors(path, tensors, {"preset": preset, "role": role.value, **of_space, **of_prompts})


def demonstrated_prompts(path: Path) -> frozenset[str]:
    """The prompts of the demonstrations that `path` was trained on, as far as it says. Raises WeightsError."""
    return frozenset(json.loads(_read(path, read_facts).get("prompts", "[]")))


def load_weights(model: M, path: Path, preset: str, role: WeightsRole, space: str | None = None) -> M:
    """Load `path` into `model` (float32) and return it in evaluation mode.

    Raises WeightsError when the file is missing, damaged, of another preset, role, shape or latent space (where both
    `space` and the file name one), or holds a number that is not finite; the model is untouched then.
    """
    tensors, meta = _read(path, read_tensors)
    _check_origin(path, meta, preset, role, space)
    expected = model.state_dict()
    if _shapes(tensors) != _shapes(expected):
        raise WeightsError(f"{path} does not fit preset {preset} (names or shapes differ): choose other weights")
    broken = [name for name, value in tensors.items() if not torch.isfinite(value).all()]
    if broken:
        raise WeightsError(f"{path} holds numbers that are not finite (in {broken[0]}): train or choose other weights")
    model.load_state_dict({name: value.to(expected[name].dtype) for name, value in tensors.items()})
    return model.eval()


def _shapes(tensors: dict[str, Tensor]) -> dict[str, torch.Size]:
    return {name: value.shape for name, value in tensors.items()}


def _check_origin(path: Path, meta: dict[str, str], preset: str, role: WeightsRole, space: str | None) -> None:
    if (meta.get("preset"), meta.get("role")) != (preset, role.value):
        found = f"preset {meta.get('preset')}, role {meta.get('role')}"
        raise WeightsError(f"{path} is for {found}, not for preset {preset}, role {role.value}")
    if space is not None and meta.get("space", space) != space:
        raise WeightsError(
            f"{path} works in the latent space {meta['space']}, the codec of preset {preset} in {space}: "
            "choose the codec it was trained with, or train it anew"
        )


def _read(path: Path, read: Callable[[Path], R]) -> R:
    try:
        return read(path)
    except FileNotFoundError as error:
        raise WeightsError(
            f"{path} does not exist: train these weights (adapt train weights), or correct the folder or version"
        ) from error
    except (SafetensorError, OSError) as error:
        raise WeightsError(f"{path} cannot be read ({error}): delete it and train or copy it again") from error
