"""Where a version of the in-domain model lies: in the weights store, or embedded in this package."""

from __future__ import annotations

from pathlib import Path

import torch
from adapt_core.errors import WeightsError
from adapt_core.weights import WeightsHeader, WeightsRole, WeightsStore

from adapt_learning.in_domain import InDomainModel, build_in_domain
from adapt_learning.layers import place
from adapt_learning.preset import Preset
from adapt_learning.weights_file import load_weights, save_weights, weights_name

_EMBEDDED = Path(__file__).resolve().parent / "weights"


def embedded_folder(preset: str) -> Path:
    """The package data that holds the embedded weights of `preset`."""
    return _EMBEDDED / preset


def embedded_version(preset: str) -> str:
    """The version name of the in-domain weights that come with this package."""
    return f"{preset}-embedded"


class InDomainVersions:
    """The in-domain weights of one preset: the embedded ones, and those of a store where there is one."""

    def __init__(self, preset: Preset, store: WeightsStore | None = None, embedded: Path | None = None) -> None:
        """`embedded` is the folder of the embedded weights, when it is not the package's own."""
        self.preset, self.store = preset, store
        self._embedded = embedded or embedded_folder(preset.name)

    def load(self, version: str, device: torch.device | str = "cpu") -> InDomainModel:
        """The in-domain model of `version`. Raises WeightsError when missing, damaged or not fitting."""
        model = build_in_domain(self.preset)
        path = self._folder(version) / weights_name(WeightsRole.IN_DOMAIN)
        loaded = load_weights(model, path, self.preset.name, WeightsRole.IN_DOMAIN)
        return place(loaded, device)

    def write(self, version: str, model: InDomainModel, header: WeightsHeader) -> None:
        """Store `model` as `version`, whole or not at all. Raises WeightsError, StorageFullError."""
        if self.store is None:
            raise WeightsError(f"there is no weights store to write {version} to: open one")
        role, preset = WeightsRole.IN_DOMAIN, self.preset.name
        self.store.write(version, header, lambda folder: save_weights(model, folder / weights_name(role), preset, role))

    def _folder(self, version: str) -> Path:
        if version == embedded_version(self.preset.name):
            return self._embedded
        if self.store is None:
            known = embedded_version(self.preset.name)
            raise WeightsError(f'no weights "{version}": without a weights store there is {known} only')
        self.store.verify(version)
        return self.store.path(version)
