"""The small convolutional network of the inverse dynamics."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from adapt_learning.inverse_dynamics_net import InverseDynamicsNet
from adapt_learning.layers import ResidualBlock, normalisation

_FOLD = 4  # pixels folded into channels before the first convolution
_CELLS = 4  # height and width of the last feature map
_HIDDEN = 128


class FramePairNet(InverseDynamicsNet):
    """Predicts `targets` numbers from two frames of `image_size` pixels, square.

    The features are flattened, not pooled: where in the image something moves says where it is in the world. Or
    `keypoints` are looked for, among cells of four pixels, and where they are, and what is there, is all that counts: what
    else stands about in a scene that was never seen then matters less.
    """

    def __init__(
        self, targets: int, width: int, image_size: int, oriented: bool = False, keypoints: int | None = None
    ) -> None:
        super().__init__(targets, oriented)
        stages: list[nn.Module] = [nn.Conv2d(3 * 3 * _FOLD * _FOLD, width, 3, padding=1), ResidualBlock(width, width)]
        size, channels = image_size // _FOLD, 2 * width
        if keypoints is None:
            inputs = width
            while size > _CELLS:
                stages += [nn.Conv2d(inputs, channels, 3, stride=2, padding=1), ResidualBlock(channels, channels)]
                size, inputs = size // 2, channels
            end: list[nn.Module] = [nn.Flatten()]
            features = channels * size * size
        else:
            inner = nn.Sequential(nn.Conv2d(channels, width, 1), _Hourglass(width), nn.Conv2d(width, channels, 1))
            stages += [_Hourglass(width, inner)]
            end, channels, features = [Keypoints(width, keypoints)], width, 3 * keypoints
        self.fold = nn.PixelUnshuffle(_FOLD)
        self.stages = nn.Sequential(*stages, normalisation(channels), nn.SiLU(), *end)
        self.head = nn.Sequential(nn.Linear(features, _HIDDEN), nn.SiLU(), nn.Linear(_HIDDEN, targets))

    def views(self, images: Tensor) -> Tensor:
        """The images themselves."""
        return images

    def normalised(self, before: Tensor, after: Tensor) -> Tensor:
        """`before` and `after` (b, 3, h, w) in [-1, 1] -> normalised targets (b, targets)."""
        pair = torch.cat([before, after, 4 * (after - before)], 1)  # (b, 9, h, w)
        out: Tensor = self.head(self.stages(self.fold(pair))).float()
        return out


class _Hourglass(nn.Module):
    """Adds what half the resolution sees to what is seen here (Newell et al. 2016); `inner` looks further at the half.

    (b, width, h, w) -> the same; `inner` keeps the shape of its (b, 2 width, h / 2, w / 2) as well.
    """

    def __init__(self, width: int, inner: nn.Module | None = None) -> None:
        super().__init__()
        wide = 2 * width
        between = [] if inner is None else [inner]
        self.halve = nn.Conv2d(width, wide, 3, stride=2, padding=1)
        self.coarse = nn.Sequential(
            ResidualBlock(wide, wide),
            *between,
            ResidualBlock(wide, wide),
            normalisation(wide),
            nn.SiLU(),
            nn.Conv2d(wide, width, 1),
        )
        self.here = ResidualBlock(width, width)

    def forward(self, x: Tensor) -> Tensor:
        coarse = functional.interpolate(self.coarse(self.halve(x)), scale_factor=2.0, mode="nearest")
        joined: Tensor = self.here(x + coarse)
        return joined


class Keypoints(nn.Module):
    """Where each of `count` things is in a feature map, by a spatial soft-argmax (Levine et al. 2016), and one feature there."""

    def __init__(self, channels: int, count: int) -> None:
        super().__init__()
        self.maps = nn.Conv2d(channels, 2 * count, 1)

    def forward(self, x: Tensor) -> Tensor:
        """(b, channels, h, w) -> (b, 3 count): x and y from -1 to 1, and the feature."""
        h, w = x.shape[2:]
        scores, features = self.maps(x).float().flatten(2).chunk(2, 1)  # (b, count, h w) each
        here = scores.softmax(-1)
        rows, columns = ((2 * torch.arange(n, device=x.device) + 1) / n - 1 for n in (h, w))
        y, across = rows.repeat_interleave(w), columns.repeat(h)  # (h w,) each
        return torch.cat([here @ across, here @ y, (here * features).sum(-1)], 1)
