"""Where a version of the in-domain model lies: in the weights store, or with the preset's other weights."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

import torch
from adapt_core.errors import WeightsError
from adapt_core.weights import WeightsHeader, WeightsRole, WeightsStore

from adapt_learning.embedded_weights import WeightsPlace, version_place
from adapt_learning.in_domain import InDomainModel, build_in_domain
from adapt_learning.layers import place
from adapt_learning.preset import Preset
from adapt_learning.weights_file import demonstrated_prompts, load_weights, save_weights, weights_name


class InDomainVersions:
    """The in-domain weights of one preset: those in its folder, and those of a store where there is one.

    All are of latent space `space`, that of the codec they work with; their files say so, and it is checked.
    """

    def __init__(
        self,
        preset: Preset,
        space: str,
        store: WeightsStore | None = None,
        embedded: Path | None = None,
        dtype: torch.dtype = torch.float32,
    ) -> None:
        """`embedded` is the folder of the preset's weights, when it is not the package's own; `dtype` what is loaded."""
        self.preset, self.space, self.store, self._dtype = preset, space, store, dtype
        self._embedded = embedded

    def load(self, version: str, device: torch.device | str = "cpu") -> InDomainModel:
        """The in-domain model of `version`. Raises WeightsError when missing, damaged or not fitting."""
        loaded = load_weights(build_in_domain(self.preset), *self._place(version), self.space)
        return place(loaded.to(self._dtype), device)

    def demonstrated(self, version: str) -> frozenset[str]:
        """The prompts of the demonstrations that `version` was trained on, as far as its file says. Raises WeightsError."""
        return demonstrated_prompts(self._place(version).path)

    def write(self, version: str, model: InDomainModel, header: WeightsHeader, prompts: Collection[str] = ()) -> None:
        """Store `model`, shown demonstrations of `prompts`, as `version`, whole or not at all.

        Raises WeightsError, StorageFullError.
        """
        if self.store is None:
            raise WeightsError(f"there is no weights store to write {version} to: open one")
        role, preset = WeightsRole.IN_DOMAIN, self.preset.name
        name = weights_name(role)
        self.store.write(
            version,
            header,
            lambda folder: save_weights(model, folder / name, preset, role, space=self.space, prompts=prompts),
        )

    def _place(self, version: str) -> WeightsPlace:
        return version_place(version, self.preset, WeightsRole.IN_DOMAIN, self._embedded, self.store)
