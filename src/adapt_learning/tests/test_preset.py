"""Presets on disk."""

from __future__ import annotations

import pytest
from adapt_core.errors import ConfigError
from adapt_learning.diffusion.evaluate import Method
from adapt_learning.preset import load_preset


@pytest.mark.parametrize("name", ["tiny", "test"])
def test_shipped_presets_load(name: str) -> None:
    preset = load_preset(name)
    assert preset.name == name
    assert preset.latent_size == 16


def test_overrides_win() -> None:
    assert load_preset("tiny", {"sampler.method": "in_domain"}).sampler.method is Method.IN_DOMAIN


@pytest.mark.parametrize(
    "overrides", [{"sampler.stepz": 3}, {"sampler.steps": "three"}, {"image_size": 100}, {"sampler.method": "magic"}]
)
def test_nonsense_is_refused(overrides: dict[str, object]) -> None:
    with pytest.raises(ConfigError):
        load_preset("tiny", overrides)


def test_an_unknown_preset_is_named_with_those_that_are_there() -> None:
    with pytest.raises(ConfigError, match="tiny"):
        load_preset("gigantic")
