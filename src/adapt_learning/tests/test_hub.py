"""Networks of other people: taken from a folder or the hub's cache, and refused with one sentence."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import torch
from adapt_core.errors import WeightsError
from adapt_learning.hub import load_network, locate
from diffusers import AutoencoderKL, MotionAdapter, UNet2DConditionModel
from huggingface_hub import constants
from safetensors.torch import load_file, save_file
from torch import Tensor
from transformers import CLIPTextModel

WEIGHTS = "diffusion_pytorch_model.safetensors"


@pytest.fixture
def base(tiny_pipeline_folder: Path, tmp_path: Path) -> Path:
    """A copy to spoil."""
    return Path(shutil.copytree(tiny_pipeline_folder / "base", tmp_path / "base"))


@pytest.fixture
def offline(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """No network, and an empty cache of the hub."""
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def change(path: Path, tensors: dict[str, Tensor | None]) -> None:
    """Replace some tensors of a file, or take them out where they are None."""
    merged = {**load_file(path), **tensors}
    save_file({name: value for name, value in merged.items() if value is not None}, path, {"format": "pt"})


def test_a_hub_id_without_network_is_refused(offline: Path) -> None:
    with pytest.raises(
        WeightsError, match=r"owner/name cannot be downloaded .*go online, correct the id, or name a folder"
    ):
        load_network(AutoencoderKL, "owner/name", "vae", torch.float32)


def test_a_cached_model_needs_no_network(tiny_pipeline_folder: Path, offline: Path) -> None:
    commit = "0" * 40
    shutil.copytree(tiny_pipeline_folder / "base", offline / "models--owner--name" / "snapshots" / commit)
    (offline / "models--owner--name" / "refs").mkdir()
    (offline / "models--owner--name" / "refs" / "main").write_text(commit)
    found = load_network(AutoencoderKL, "owner/name", "vae", torch.float32)
    assert found.config.latent_channels == 4
    assert locate(f"owner/name@{commit}", "vae", ["config.json"]).parent.name == commit
    with pytest.raises(WeightsError, match=r"has no safety_checker/config\.json: go online if only a part"):
        locate("owner/name", "safety_checker", ["config.json"])


@pytest.mark.parametrize("source", ["", "no-such-folder", "/nowhere/at/all", "a b/c"])
def test_what_is_neither_folder_nor_id_is_refused(source: str) -> None:
    with pytest.raises(WeightsError, match="neither a folder nor a hub id"):
        locate(source, "", ["config.json"])


@pytest.mark.parametrize("name", ["config.json", WEIGHTS])
def test_a_missing_part_is_named(base: Path, name: str) -> None:
    (base / "vae" / name).unlink()
    with pytest.raises(WeightsError, match=f"has no vae/{name}"):
        load_network(AutoencoderKL, str(base), "vae", torch.float32)


def test_pickles_are_not_opened(base: Path) -> None:
    (base / "vae" / WEIGHTS).rename(base / "vae" / "diffusion_pytorch_model.bin")
    with pytest.raises(WeightsError, match="pickled weights are never opened: convert"):
        load_network(AutoencoderKL, str(base), "vae", torch.float32)


def test_damaged_files_are_refused(base: Path) -> None:
    path = base / "vae" / WEIGHTS
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(WeightsError, match="damaged or of another model"):
        load_network(AutoencoderKL, str(base), "vae", torch.float32)
    (base / "vae" / "config.json").write_text("{")
    with pytest.raises(WeightsError, match="cannot be loaded as AutoencoderKL"):
        load_network(AutoencoderKL, str(base), "vae", torch.float32)


def test_weights_of_another_shape_are_refused(base: Path) -> None:
    change(base / "vae" / WEIGHTS, {"encoder.conv_in.bias": torch.zeros(5)})
    with pytest.raises(WeightsError, match="damaged or of another model"):
        load_network(AutoencoderKL, str(base), "vae", torch.float32)


def test_missing_weights_are_refused_not_drawn(base: Path) -> None:
    change(base / "vae" / WEIGHTS, {"encoder.conv_in.bias": None})
    with pytest.raises(
        WeightsError, match=r"lacks 1 of AutoencoderKL's weights \(the first is encoder\.conv_in\.bias\)"
    ):
        load_network(AutoencoderKL, str(base), "vae", torch.float32)


def test_a_network_of_another_class_is_refused(base: Path) -> None:
    with pytest.raises(WeightsError, match="UNet2DConditionModel"):
        load_network(UNet2DConditionModel, str(base), "vae", torch.float32)


def test_tables_that_follow_from_the_configuration_may_be_missing(tiny_pipeline_folder: Path, tmp_path: Path) -> None:
    """The hub's motion adapters come without their position tables."""
    folder = Path(shutil.copytree(tiny_pipeline_folder / "motion_adapter", tmp_path / "adapter"))
    tables = [name for name in load_file(folder / WEIGHTS) if name.endswith(".pe")]
    change(folder / WEIGHTS, dict.fromkeys(tables))
    with_tables = load_network(
        MotionAdapter, str(tiny_pipeline_folder / "motion_adapter"), "", torch.float32
    ).state_dict()
    without = load_network(MotionAdapter, str(folder), "", torch.float32).state_dict()
    assert tables
    for name in tables:
        torch.testing.assert_close(without[name], with_tables[name])


def test_names_of_older_files_are_understood(tiny_pipeline_folder: Path, base: Path) -> None:
    """Stable Diffusion 1.5 on the hub: the text encoder's names have a prefix, the VAE's attention names are others."""
    path = base / "text_encoder" / "model.safetensors"
    prefixed = {f"text_model.{name}": value for name, value in load_file(path).items()}
    save_file({**prefixed, "text_model.embeddings.position_ids": torch.arange(77)[None]}, path, {"format": "pt"})
    vae = load_file(base / "vae" / WEIGHTS)
    for new, old in {"to_q": "query", "to_k": "key", "to_v": "value", "to_out.0": "proj_attn"}.items():
        vae = {name.replace(new, old): value for name, value in vae.items()}
    save_file(vae, base / "vae" / WEIGHTS, {"format": "pt"})
    for kind, part in ((CLIPTextModel, "text_encoder"), (AutoencoderKL, "vae")):
        expected = load_network(kind, str(tiny_pipeline_folder / "base"), part, torch.float32).state_dict()
        found = load_network(kind, str(base), part, torch.float32).state_dict()
        assert all(torch.equal(found[name], value) for name, value in expected.items())


def test_loading_says_nothing(tiny_pipeline_folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    for kind, part in ((AutoencoderKL, "vae"), (CLIPTextModel, "text_encoder")):
        load_network(kind, str(tiny_pipeline_folder / "base"), part, torch.float32)
    assert capfd.readouterr() == ("", "")
