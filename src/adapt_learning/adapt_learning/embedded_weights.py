"""Where the weights lie that this project trains: package data, a folder a preset; versions made since, in a store."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from adapt_core.errors import WeightsError
from adapt_core.weights import WeightsRole, WeightsStore

from adapt_learning.preset import Preset
from adapt_learning.weights_file import weights_name

_FOLDER = Path(__file__).resolve().parent / "weights"


class WeightsPlace(NamedTuple):
    """A file of weights, and which preset and role it says it is for."""

    path: Path
    preset: str
    role: WeightsRole


def embedded_folder(preset: str) -> Path:
    """The package data that holds the weights of `preset`, where they are shipped or were trained."""
    return _FOLDER / preset


def embedded_version(preset: str) -> str:
    """The version name of the in-domain weights that lie with the preset's others."""
    return f"{preset}-embedded"


def weights_place(preset: Preset, role: WeightsRole, folder: Path | None = None) -> WeightsPlace:
    """Where the weights of `role` lie: in `folder`, the package's own when None, or with the preset that they are shared with."""
    name = weights_name(role)
    if preset.shares is not None and role in preset.shares.roles:
        return WeightsPlace(embedded_folder(preset.shares.preset) / name, preset.shares.preset, role)
    return WeightsPlace((folder or embedded_folder(preset.name)) / name, preset.name, role)


def version_place(
    version: str, preset: Preset, role: WeightsRole, folder: Path | None, store: WeightsStore | None
) -> WeightsPlace:
    """Where `version` of a role's weights lies: with the preset's others, see `weights_place`, or in `store`.

    Raises WeightsError.
    """
    known = embedded_version(preset.name)
    if version == known:
        return weights_place(preset, role, folder)
    if store is None:
        raise WeightsError(f'no weights "{version}": without a weights store there is {known} only')
    store.verify(version)
    return WeightsPlace(store.path(version) / weights_name(role), preset.name, role)
