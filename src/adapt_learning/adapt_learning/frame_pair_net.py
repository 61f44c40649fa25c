"""The small convolutional network of the inverse dynamics."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from adapt_learning.inverse_dynamics_net import InverseDynamicsNet
from adapt_learning.layers import ResidualBlock, normalisation

_FOLD = 4  # pixels folded into channels before the first convolution
_CELLS = 4  # height and width of the last feature map
_HIDDEN = 128


class FramePairNet(InverseDynamicsNet):
    """Predicts `targets` numbers from two frames of `image_size` pixels, square.

    The features are flattened, not pooled: where in the image something moves says where it is in the world.
    """

    def __init__(self, targets: int, width: int, image_size: int, oriented: bool = False) -> None:
        super().__init__(targets, oriented)
        stages: list[nn.Module] = [nn.Conv2d(3 * 3 * _FOLD * _FOLD, width, 3, padding=1), ResidualBlock(width, width)]
        size, channels = image_size // _FOLD, width
        while size > _CELLS:
            stages += [nn.Conv2d(channels, 2 * width, 3, stride=2, padding=1), ResidualBlock(2 * width, 2 * width)]
            size, channels = size // 2, 2 * width
        self.fold = nn.PixelUnshuffle(_FOLD)
        self.stages = nn.Sequential(*stages, normalisation(channels), nn.SiLU(), nn.Flatten())
        self.head = nn.Sequential(nn.Linear(channels * size * size, _HIDDEN), nn.SiLU(), nn.Linear(_HIDDEN, targets))

    def views(self, images: Tensor) -> Tensor:
        """The images themselves."""
        return images

    def normalised(self, before: Tensor, after: Tensor) -> Tensor:
        """`before` and `after` (b, 3, h, w) in [-1, 1] -> normalised targets (b, targets)."""
        pair = torch.cat([before, after, 4 * (after - before)], 1)  # (b, 9, h, w)
        out: Tensor = self.head(self.stages(self.fold(pair))).float()
        return out
