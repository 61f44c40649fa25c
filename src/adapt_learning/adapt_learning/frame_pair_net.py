"""The network of the inverse dynamics: two consecutive frames in, the motion between them out."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from adapt_learning.layers import ResidualBlock, normalisation

END_EFFECTOR_TARGETS = 4  # displacement x y z [m] and gripper opening
_FOLD = 4  # pixels folded into channels before the first convolution
_CELLS = 4  # height and width of the last feature map
_HIDDEN = 128


class FramePairNet(nn.Module):
    """Predicts `targets` numbers from two frames of `image_size` pixels, square.

    `mean` and `std` (targets,) undo the normalisation of the training targets and travel with the weights. The features
    are flattened, not pooled: where in the image something moves says where it is in the world.
    """

    mean: Tensor
    std: Tensor

    def __init__(self, targets: int, width: int, image_size: int) -> None:
        super().__init__()
        stages: list[nn.Module] = [nn.Conv2d(3 * 3 * _FOLD * _FOLD, width, 3, padding=1), ResidualBlock(width, width)]
        size, channels = image_size // _FOLD, width
        while size > _CELLS:
            stages += [nn.Conv2d(channels, 2 * width, 3, stride=2, padding=1), ResidualBlock(2 * width, 2 * width)]
            size, channels = size // 2, 2 * width
        self.fold = nn.PixelUnshuffle(_FOLD)
        self.stages = nn.Sequential(*stages, normalisation(channels), nn.SiLU(), nn.Flatten())
        self.head = nn.Sequential(nn.Linear(channels * size * size, _HIDDEN), nn.SiLU(), nn.Linear(_HIDDEN, targets))
        self.register_buffer("mean", torch.zeros(targets))
        self.register_buffer("std", torch.ones(targets))

    def normalised(self, before: Tensor, after: Tensor) -> Tensor:
        """`before` and `after` (b, 3, h, w) in [-1, 1] -> normalised targets (b, targets)."""
        pair = torch.cat([before, after, 4 * (after - before)], 1)  # (b, 9, h, w)
        out: Tensor = self.head(self.stages(self.fold(pair))).float()
        return out

    def forward(self, before: Tensor, after: Tensor) -> Tensor:
        """`before` and `after` (b, 3, h, w) in [-1, 1] -> targets (b, targets) in their own units."""
        return self.normalised(before, after) * self.std + self.mean
