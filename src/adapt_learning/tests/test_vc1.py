"""VC-1 behind the inverse dynamics, in a minuscule size of the same names."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from adapt_core.errors import WeightsError
from adapt_core.types import ActionSpace, Observation, VideoPlan, WorldSpec
from adapt_core.weights import WeightsRole
from adapt_learning.codec import to_images
from adapt_learning.inverse_dynamics import LearnedInverseDynamics
from adapt_learning.inverse_dynamics_settings import PoseTarget, Vc1Settings
from adapt_learning.preset import Preset
from adapt_learning.training.engine import Run
from adapt_learning.training.episodes import Episode
from adapt_learning.training.latents import LatentCache
from adapt_learning.training.stages import (
    attach_vc1,
    build_codec,
    build_inverse_dynamics,
    measure_inverse_dynamics,
    train_inverse_dynamics,
)
from adapt_learning.vc1 import Vc1Net, load_vc1, prepared
from adapt_learning.vision_transformer import VisionTransformer
from adapt_learning.weights_file import load_weights, save_weights
from safetensors.torch import load_file, save_file

WIDTH = 64


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A random vision transformer of two blocks, 14 x 14 cells, that tells frames apart, in a file as VC-1's converted one."""
    torch.manual_seed(0)
    model = VisionTransformer(224, 16, WIDTH, depth=2, hidden=128)
    tensors = {name: value + 0.5 * torch.randn_like(value) for name, value in model.state_dict().items()}
    path = tmp_path_factory.mktemp("vc1") / "vc1.safetensors"
    save_file(tensors | {"mask_token": torch.zeros(1, 1, WIDTH)}, path)  # what training left behind is not read
    return path


@pytest.fixture
def settings(file: Path) -> Vc1Settings:
    return Vc1Settings(kind="vc1", file=str(file), width=WIDTH, space=ActionSpace.END_EFFECTOR)


def test_it_sees_what_the_reference_sees(file: Path) -> None:
    """The same weights in transformers' implementation give the same class token."""
    from transformers import ViTConfig, ViTModel

    config = ViTConfig(
        hidden_size=WIDTH, num_hidden_layers=2, num_attention_heads=1, intermediate_size=128, layer_norm_eps=1e-6
    )
    reference = ViTModel(config, add_pooling_layer=False).eval()
    reference.load_state_dict(as_transformers_names_it(load_file(file)))
    images = torch.randn(2, 3, 224, 224)
    with torch.no_grad():
        torch.testing.assert_close(load_vc1(file)(images), reference(images).last_hidden_state[:, 0])


def as_transformers_names_it(timm: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """The same weights under transformers' names; queries, keys and values are three matrices there."""
    names = {
        "patch_embed.proj": "embeddings.patch_embeddings.projection",
        "cls_token": "embeddings.cls_token",
        "pos_embed": "embeddings.position_embeddings",
        "blocks.": "layers.",
        ".norm1.": ".layernorm_before.",
        ".norm2.": ".layernorm_after.",
        ".attn.proj.": ".attention.o_proj.",
        ".attn.": ".attention.",
    }
    renamed = {}
    for name, value in timm.items():
        for old, new in names.items():
            name = name.replace(old, new)
        if name.startswith("norm."):
            name = f"layer{name}"
        if ".qkv." in name:
            renamed |= {name.replace("qkv", f"{p}_proj"): part for p, part in zip("qkv", value.chunk(3), strict=True)}
        elif name != "mask_token":
            renamed[name] = value
    return renamed


def test_the_papers_count_of_parameters() -> None:
    net = Vc1Net(7, 768, oriented=True)
    assert sum(value.numel() for value in net.parameters()) == 10_759
    with torch.device("meta"):
        backbone = VisionTransformer(224, 16, 768, 12, 3072)
    assert sum(value.numel() for value in backbone.parameters()) == 85_798_656


def test_images_are_prepared_as_in_its_training() -> None:
    images = torch.zeros(1, 3, 512, 512)  # grey, 0.5
    found = prepared(images)
    assert found.shape == (1, 3, 224, 224)
    assert found[0, :, 5, 5].tolist() == pytest.approx([0.015 / 0.229, 0.044 / 0.224, 0.094 / 0.225])
    images[..., :15, :] = 1  # within the 16 of 256 pixels that are cut off
    torch.testing.assert_close(prepared(images)[..., 1:, :], found[..., 1:, :], atol=1e-3, rtol=0)


def test_each_frame_is_looked_at_once(file: Path, episodes: list[Episode]) -> None:
    looked: list[int] = []
    backbone = load_vc1(file)
    backbone.register_forward_hook(lambda module, given, out: looked.append(len(given[0])))
    net = Vc1Net(4, WIDTH)
    net.attach(backbone)
    images = to_images(episodes[0].frames[:9])
    between = net.between(images)
    assert looked == [9]
    with torch.no_grad():
        pairs = torch.cat([net.between(images[i : i + 2]) for i in range(8)])
    torch.testing.assert_close(between, pairs)


def test_only_the_head_is_trained_and_saved(
    settings: Vc1Settings, preset: Preset, episodes: list[Episode], world: WorldSpec, tmp_path: Path
) -> None:
    """The loss on one episode, an absolute one, falls below a third in 300 steps; what is saved serves again."""
    settings = replace(settings, target=PoseTarget.POSE)  # the displacements of one episode are all alike
    seeing = replace(preset, inverse_dynamics=settings)
    torch.manual_seed(0)
    net = build_inverse_dynamics(seeing)
    losses: list[float] = []
    training = replace(
        preset.training.inverse_dynamics, steps=300, batch_size=32, learning_rate=1e-2, checkpoint_every=300
    )
    run = Run(tmp_path / "run", 0, progress=lambda step, steps, loss: losses.append(loss))
    measure_inverse_dynamics(net, episodes[:1], seeing)
    train_inverse_dynamics(net, LatentCache(build_codec(preset), None), episodes[:1], seeing, training, run)
    assert np.mean(losses[-10:]) < np.mean(losses[:3]) / 3
    path = tmp_path / "inverse_dynamics.safetensors"
    save_weights(net, path, "test", WeightsRole.INVERSE_DYNAMICS)
    assert set(load_file(path)) == {"head.weight", "head.bias", "mean", "std", "reference"}
    again = load_weights(build_inverse_dynamics(seeing), path, "test", WeightsRole.INVERSE_DYNAMICS)
    attach_vc1(again, settings)
    observation = Observation(episodes[0].frames[0], np.array([0, 0, 0, 0, 0, 0, 1.0, 0.5]), 0.0, 0)
    plan = VideoPlan(episodes[0].frames[1:9], "push", "push", 0, "v")
    chunks = [LearnedInverseDynamics(one, settings, world, 1).infer(observation, plan) for one in (net, again)]
    np.testing.assert_array_equal(chunks[0].actions, chunks[1].actions)


def test_what_is_no_vc1_is_refused(file: Path, tmp_path: Path, settings: Vc1Settings) -> None:
    with pytest.raises(WeightsError, match=r"do not exist.*CC-BY-NC"):
        load_vc1(tmp_path / "vc1.safetensors")
    with pytest.raises(WeightsError, match=r"is a pickle.*save_file\(torch.load\('vc1_vitb.pth'"):
        load_vc1(tmp_path / "vc1_vitb.pth")
    (tmp_path / "broken.safetensors").write_bytes(b"no tensors")
    with pytest.raises(WeightsError, match="cannot be read"):
        load_vc1(tmp_path / "broken.safetensors")
    save_file({"weight": torch.zeros(1)}, tmp_path / "other.safetensors")
    with pytest.raises(WeightsError, match="no vision transformer"):
        load_vc1(tmp_path / "other.safetensors")
    tensors = load_file(file)
    tensors["pos_embed"] = tensors["pos_embed"][:, :50]
    save_file(tensors, tmp_path / "small.safetensors")
    with pytest.raises(WeightsError, match="pos_embed is missing or of another shape"):
        load_vc1(tmp_path / "small.safetensors")
    with pytest.raises(WeightsError, match="64 wide where 768"):
        attach_vc1(Vc1Net(4, 768), replace(settings, width=768))
    with pytest.raises(WeightsError, match="not loaded"):
        Vc1Net(4, WIDTH).views(torch.zeros(1, 3, 8, 8))
