"""Where a version of the inverse dynamics lies: in the weights store, or with the preset's other weights."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import torch
from adapt_core.weights import WeightsHeader, WeightsRole, WeightsStore

from adapt_learning.embedded_weights import version_place
from adapt_learning.inverse_dynamics_net import InverseDynamicsNet
from adapt_learning.layers import place
from adapt_learning.preset import Preset
from adapt_learning.training.stages import attach_vc1, build_inverse_dynamics
from adapt_learning.weights_file import load_weights, save_weights, weights_name

_NAME = weights_name(WeightsRole.INVERSE_DYNAMICS)


@dataclass(frozen=True)
class InverseDynamicsVersions:
    """The inverse dynamics of one preset: that in `embedded`, the folder of its weights, and those of `store`."""

    preset: Preset
    embedded: Path
    store: WeightsStore

    def load(self, version: str, device: torch.device | str = "cpu") -> InverseDynamicsNet:
        """The network of `version`. Raises WeightsError when missing, damaged or not fitting."""
        where = version_place(version, self.preset, WeightsRole.INVERSE_DYNAMICS, self.embedded, self.store)
        net = load_weights(build_inverse_dynamics(self.preset), *where)
        attach_vc1(net, self.preset.inverse_dynamics)
        return place(net, device)

    def write(self, version: str, net: InverseDynamicsNet, header: WeightsHeader) -> None:
        """Store `net` as `version`, whole or not at all. Raises WeightsError, StorageFullError."""
        name, role = self.preset.name, WeightsRole.INVERSE_DYNAMICS
        self.store.write(version, header, lambda folder: save_weights(net, folder / _NAME, name, role))
