"""How a network's convolutions are computed, where a caller may choose."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn import functional

Convolve = Callable[[nn.Conv2d, Tensor], Tensor]  # (layer, (b, c, h, w)) -> (b, c', h', w')


def convolve(layer: nn.Conv2d, x: Tensor) -> Tensor:
    """As the layer does."""
    out: Tensor = layer(x)
    return out


class NarrowConvolve:
    """Convolutions of bfloat16 numbers with float32 results; a `Convolve`.

    What is added up over the layers stays float32, unlike under autocast: a third of the error. Weights are converted at
    a layer's first call, so that an instance is for as long as they do not change.
    """

    def __init__(self) -> None:
        self._narrow: dict[nn.Conv2d, tuple[Tensor, Tensor]] = {}

    def __call__(self, layer: nn.Conv2d, x: Tensor) -> Tensor:
        """See `Convolve`; `x` and the result are float32."""
        if layer not in self._narrow:
            self._narrow[layer] = layer.weight.to(torch.bfloat16), layer.bias.to(torch.bfloat16)
        weight, bias = self._narrow[layer]
        return functional.conv2d(x.to(torch.bfloat16), weight, bias, layer.stride, layer.padding).float()


def computes_bf16(device: torch.device) -> bool:
    """Whether `device` has instructions for bfloat16; without them it is slower than float32."""
    if device.type == "cuda":
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    capabilities = torch.cpu.get_capabilities()
    return bool(capabilities.get("amx_bf16") or capabilities.get("avx512_bf16"))
