"""What all networks of the inverse dynamics have in common: two frames in, the motion between them out."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class InverseDynamicsNet(nn.Module):
    """Predicts `targets` numbers from two frames, through what it sees in each of them: its views.

    `mean` and `std` (targets,) undo the normalisation of the training targets and travel with the weights, and so does,
    where orientations are predicted, the orientation `reference` (4,), a quaternion, that they are relative to.
    """

    mean: Tensor
    std: Tensor
    reference: Tensor | None

    def __init__(self, targets: int, oriented: bool) -> None:
        super().__init__()
        self.register_buffer("mean", torch.zeros(targets))
        self.register_buffer("std", torch.ones(targets))
        self.register_buffer("reference", torch.tensor([0.0, 0.0, 0.0, 1.0]) if oriented else None)

    def views(self, images: Tensor) -> Tensor:
        """What is seen in each of `images` (n, 3, h, w) in [-1, 1]: (n, ...)."""
        raise NotImplementedError

    def normalised(self, before: Tensor, after: Tensor) -> Tensor:
        """Views (b, ...) of two frames each -> normalised targets (b, targets)."""
        raise NotImplementedError

    def between(self, images: Tensor) -> Tensor:
        """Targets (n - 1, targets), in their own units, between each two consecutive `images` (n, 3, h, w) in [-1, 1].

        Each image is looked at once.
        """
        views = self.views(images)
        return self.normalised(views[:-1], views[1:]) * self.std + self.mean

    @torch.no_grad()
    def measure(self, targets: Tensor, reference: Tensor) -> None:
        """Set `mean`, `std` and `reference` (4,) from the training targets (n, targets)."""
        self.mean.copy_(targets.mean(0))
        self.std.copy_(targets.std(0).clamp_min(1e-3))
        if self.reference is not None:
            self.reference.copy_(reference)
