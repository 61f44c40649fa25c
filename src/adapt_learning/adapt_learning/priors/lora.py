"""Low-rank adaptations of a network's weights (LoRA, Hu et al. 2021), added once and for all."""

from __future__ import annotations

import re
from collections import defaultdict
from pathlib import Path

import torch
from adapt_core.errors import WeightsError
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn

_FACTOR = re.compile(r"(?P<layer>.+?)[._]lora[._](?P<factor>down|up|A|B)\.weight")
_ALPHA = re.compile(r"(?P<layer>.+)\.alpha")
_FACTORS = {"A": "down", "B": "up"}
_PREFIX = re.compile(r"(base_model\.model\.)?(unet\.|lora_unet_)?")


@torch.no_grad()
def fuse_lora(network: nn.Module, path: Path, scale: float) -> None:
    """Add the adaptation in `path` to the weights of `network`: W + scale * alpha / rank * up @ down (eq. 3, section 4.1).

    Understands the names that diffusers, PEFT and the kohya scripts give to layers; without an alpha it is the rank.
    Sums are made in float32. Raises WeightsError for a file that cannot be read, or a weight that fits no layer; the
    network is untouched then.
    """
    layers = _layers(network)
    fused: list[tuple[Tensor, Tensor]] = []
    for name, parts in _read(path).items():
        layer = layers.get(name) or layers.get(f"{name}_0")  # attention's `to_out` is a list whose first layer is meant
        if layer is None:
            raise WeightsError(f'{path}: "{name}" is no layer of {type(network).__name__}: take a LoRA made for it')
        fused.append((layer.weight, _fused(path, name, layer.weight, parts, scale)))
    for weight, value in fused:
        weight.copy_(value)


def _fused(path: Path, name: str, weight: Tensor, parts: dict[str, Tensor], scale: float) -> Tensor:
    """The new weight (out, in, ...), float32."""
    if not {"down", "up"} <= parts.keys():
        raise WeightsError(f"{path}: {name} has only {sorted(parts)}: copy or download it again")
    down, up = (
        parts[factor].flatten(1).to(weight.device, torch.float32) for factor in ("down", "up")
    )  # (r, in), (out, r)
    if up.shape[1] != down.shape[0] or len(up) != len(weight) or down.shape[1] * len(weight) != weight.numel():
        shapes = f"{tuple(up.shape)} @ {tuple(down.shape)}"
        raise WeightsError(
            f"{path}: {name} is {shapes}, the layer {tuple(weight.shape)}: take a LoRA made for this model"
        )
    rank = len(down)
    alpha = float(parts.get("alpha", torch.tensor(rank)))
    return weight.float() + scale * alpha / rank * (up @ down).reshape(weight.shape)


def _layers(network: nn.Module) -> dict[str, nn.Module]:
    """Layers with a weight to adapt, by name with "_" for "."."""
    kinds = (nn.Linear, nn.Conv2d)
    return {name.replace(".", "_"): layer for name, layer in network.named_modules() if isinstance(layer, kinds)}


def _read(path: Path) -> dict[str, dict[str, Tensor]]:
    """Factors "down" and "up", and "alpha" where there is one, by layer."""
    try:
        tensors = load_file(path)
    except (OSError, SafetensorError) as error:
        raise WeightsError(f"{path} cannot be read ({error}): copy or download it again") from error
    found: defaultdict[str, dict[str, Tensor]] = defaultdict(dict)
    for key, value in tensors.items():
        match = _FACTOR.fullmatch(key) or _ALPHA.fullmatch(key)
        if match is None:
            raise WeightsError(f'{path}: "{key}" is no weight of a LoRA: name a LoRA file')
        factor = match.groupdict().get("factor", "alpha")
        found[_layer_name(match["layer"])][_FACTORS.get(factor, factor)] = value
    if not found:
        raise WeightsError(f"{path} holds no weights: copy or download it again")
    return found


def _layer_name(name: str) -> str:
    return _PREFIX.sub("", name, count=1).replace(".processor.", ".").replace(".", "_")
