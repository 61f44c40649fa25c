"""VC-1 (Majumdar et al. 2023), a vision transformer trained on what people and robots see, and a linear layer on it.

Its weights are CC-BY-NC 4.0 and come from a local file only; SAIL's inverse dynamics is built on them (appendix).
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import torch
from adapt_core.errors import WeightsError
from safetensors import SafetensorError
from torch import Tensor, nn
from torch.nn import functional

from adapt_learning.inverse_dynamics_net import InverseDynamicsNet
from adapt_learning.tensor_file import read_tensors
from adapt_learning.vision_transformer import HEAD_CHANNELS, VisionTransformer

RESIZED, CROPPED = 256, 224  # pixels
_MEAN, _STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)  # ImageNet's
_AT_ONCE = 32  # images
_PICKLES = (".pth", ".pt", ".bin", ".ckpt", ".pkl")


class Vc1Net(InverseDynamicsNet):
    """Predicts `targets` numbers by one linear layer from what the frozen VC-1 sees in each of two frames.

    VC-1 itself is set by `attach`; it is no parameter of this network, and neither trained nor saved with it.
    """

    def __init__(self, targets: int, width: int, oriented: bool = False) -> None:
        """`width` numbers are seen in a frame: 768 for ViT-B."""
        super().__init__(targets, oriented)
        self.width = width
        self.head = nn.Linear(2 * width, targets)
        self._eye: list[VisionTransformer] = []  # in a list, so that it is not registered

    @property
    def attached(self) -> bool:
        """Whether VC-1 is there."""
        return bool(self._eye)

    def attach(self, backbone: VisionTransformer) -> None:
        """See through `backbone` from now on. Raises WeightsError when it is of another width."""
        found = backbone.cls_token.shape[-1]
        if found != self.width:
            raise WeightsError(f"VC-1's weights are {found} wide where {self.width} are expected: correct the width")
        self._eye = [backbone.requires_grad_(False).eval().to(self.mean.device)]

    @torch.no_grad()
    def views(self, images: Tensor) -> Tensor:
        """Class tokens (n, width) of `images` (n, 3, h, w) in [-1, 1]. Raises WeightsError before `attach`."""
        if not self._eye:
            raise WeightsError("VC-1 is not loaded: attach it first")
        return torch.cat([self._eye[0](prepared(part)) for part in images.split(_AT_ONCE)])

    def normalised(self, before: Tensor, after: Tensor) -> Tensor:
        """Class tokens (b, width) of two frames each -> normalised targets (b, targets)."""
        out: Tensor = self.head(torch.cat([before, after], 1)).float()
        return out

    def _apply(self, fn: Callable[[Tensor], Tensor], recurse: bool = True) -> Vc1Net:
        """Moves VC-1 along to another device."""
        for backbone in self._eye:
            backbone._apply(fn, recurse)
        moved: Vc1Net = super()._apply(fn, recurse)
        return moved


def prepared(images: Tensor) -> Tensor:
    """`images` (n, 3, h, w) in [-1, 1] as VC-1 wants them: the middle 224 of 256 pixels, normalised."""
    resized = functional.interpolate((images + 1) / 2, (RESIZED, RESIZED), mode="bicubic", antialias=True).clamp(0, 1)
    edge = (RESIZED - CROPPED) // 2
    cropped = resized[..., edge : edge + CROPPED, edge : edge + CROPPED]
    mean, std = (images.new_tensor(values)[:, None, None] for values in (_MEAN, _STD))
    return (cropped - mean) / std


def load_vc1(path: Path) -> VisionTransformer:
    """VC-1 from a safetensors file with timm's names; its size is the file's. Raises WeightsError."""
    tensors = _read(path.expanduser())
    try:
        width, patch = tensors["patch_embed.proj.weight"].shape[0], tensors["patch_embed.proj.weight"].shape[-1]
        hidden = tensors["blocks.0.mlp.fc1.weight"].shape[0]
    except KeyError as error:
        raise WeightsError(f"{path} holds no vision transformer with timm's names ({error} is missing)") from error
    depth = 1 + max(int(name.split(".")[1]) for name in tensors if name.startswith("blocks."))
    if width % HEAD_CHANNELS:
        raise WeightsError(f"{path} is {width} wide, no multiple of {HEAD_CHANNELS}: it is none of VC-1's sizes")
    model = VisionTransformer(CROPPED, patch, width, depth, hidden)
    expected = {name: value.shape for name, value in model.state_dict().items()}
    wrong = [name for name, shape in expected.items() if name not in tensors or tensors[name].shape != shape]
    if wrong:
        raise WeightsError(f"{path} does not fit VC-1 at {CROPPED} pixels: {wrong[0]} is missing or of another shape")
    model.load_state_dict({name: tensors[name].float() for name in expected})
    return model.eval()


def _read(path: Path) -> dict[str, Tensor]:
    if path.suffix in _PICKLES:
        raise WeightsError(
            f"{path} is a pickle, which can run code when it is opened, and is not read. Convert it once, where you trust "
            f"it: safetensors.torch.save_file(torch.load('{path.name}', weights_only=True)['model'], "
            f"'{path.stem}.safetensors')"
        )
    try:
        return read_tensors(path)[0]
    except FileNotFoundError as error:
        raise WeightsError(
            f"VC-1's weights {path} do not exist: get vc1_vitb from its authors (CC-BY-NC 4.0), convert it to safetensors "
            "and name it in inverse_dynamics.file, or choose inverse_dynamics.kind convolutional"
        ) from error
    except (SafetensorError, OSError) as error:
        raise WeightsError(f"{path} cannot be read ({error}): copy VC-1's weights again") from error
