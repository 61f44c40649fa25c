"""Fusing low-rank adaptations: a hand-computed case, every way of naming layers, and files that do not fit."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from adapt_core.errors import WeightsError
from adapt_learning.priors.lora import fuse_lora
from safetensors.torch import save_file
from torch import Tensor, nn


class Toy(nn.Module):
    """One attention with diffusers' names, and a convolution."""

    def __init__(self) -> None:
        super().__init__()
        self.attn1 = nn.Module()
        self.attn1.to_q = nn.Linear(2, 2, bias=False)
        self.attn1.to_out = nn.ModuleList([nn.Linear(2, 2, bias=False), nn.Dropout()])
        self.conv_in = nn.Conv2d(1, 2, 3, bias=False)
        for value in self.parameters():
            nn.init.ones_(value)


def fused(tmp_path: Path, tensors: dict[str, Tensor], scale: float = 1.0) -> Toy:
    model, path = Toy(), tmp_path / "lora.safetensors"
    save_file(tensors, path)
    fuse_lora(model, path, scale)
    return model


DOWN, UP = (
    torch.tensor([[1.0, 2.0], [0.0, 1.0]]),
    torch.tensor([[1.0, 0.0], [3.0, 1.0]]),
)  # up @ down = [[1, 2], [3, 7]]


def test_a_case_by_hand(tmp_path: Path) -> None:
    tensors = {"attn1.to_q.lora_A.weight": DOWN, "attn1.to_q.lora_B.weight": UP, "attn1.to_q.alpha": torch.tensor(1.0)}
    model = fused(tmp_path, tensors, scale=0.5)  # 1 + 0.5 * 1 / 2 * [[1, 2], [3, 7]]
    torch.testing.assert_close(model.attn1.to_q.weight, torch.tensor([[1.25, 1.5], [1.75, 2.75]]))
    assert (model.attn1.to_out[0].weight == 1).all()


@pytest.mark.parametrize(
    ("down", "up"),
    [
        ("unet.attn1.processor.to_out_lora.down.weight", "unet.attn1.processor.to_out_lora.up.weight"),
        ("attn1.to_out.0.lora.down.weight", "attn1.to_out.0.lora.up.weight"),
        ("unet.attn1.to_out.0.lora_A.weight", "unet.attn1.to_out.0.lora_B.weight"),
        ("base_model.model.attn1.to_out.0.lora_A.weight", "base_model.model.attn1.to_out.0.lora_B.weight"),
        ("lora_unet_attn1_to_out_0.lora_down.weight", "lora_unet_attn1_to_out_0.lora_up.weight"),
    ],
)
def test_every_way_of_naming_a_layer(tmp_path: Path, down: str, up: str) -> None:
    model = fused(tmp_path, {down: DOWN, up: UP})
    torch.testing.assert_close(model.attn1.to_out[0].weight, torch.tensor([[2.0, 3.0], [4.0, 8.0]]))


def test_convolutions(tmp_path: Path) -> None:
    down, up = torch.randn(3, 1, 3, 3), torch.randn(2, 3, 1, 1)
    tensors = {"lora_unet_conv_in.lora_down.weight": down, "lora_unet_conv_in.lora_up.weight": up}
    model, image = fused(tmp_path, tensors), torch.randn(1, 1, 5, 5)
    low_rank = nn.functional.conv2d(nn.functional.conv2d(image, down), up)
    torch.testing.assert_close(model.conv_in(image), Toy().conv_in(image) + low_rank)


def test_half_precision_is_summed_in_single(tmp_path: Path) -> None:
    model, path = Toy().half(), tmp_path / "lora.safetensors"
    save_file({"attn1.to_q.lora_A.weight": DOWN.half(), "attn1.to_q.lora_B.weight": UP.half()}, path)
    fuse_lora(model, path, 1.0)
    assert model.attn1.to_q.weight.dtype == torch.float16
    torch.testing.assert_close(model.attn1.to_q.weight.float(), torch.tensor([[2.0, 3.0], [4.0, 8.0]]))


@pytest.mark.parametrize(
    ("tensors", "reason"),
    [
        ({"attn9.to_q.lora_A.weight": DOWN, "attn9.to_q.lora_B.weight": UP}, "no layer of Toy"),
        ({"lora_te_layer.lora_down.weight": DOWN, "lora_te_layer.lora_up.weight": UP}, "no layer of Toy"),
        ({"attn1.to_q.weight": DOWN}, "no weight of a LoRA"),
        ({"attn1.to_q.lora_A.weight": DOWN}, "only"),
        ({"attn1.to_q.lora_A.weight": DOWN, "attn1.to_q.lora_B.weight": torch.ones(3, 2)}, "made for this model"),
        ({"attn1.to_q.lora_A.weight": torch.ones(2, 5), "attn1.to_q.lora_B.weight": UP}, "made for this model"),
        ({}, "holds no weights"),
    ],
)
def test_what_does_not_fit_is_refused(tmp_path: Path, tensors: dict[str, Tensor], reason: str) -> None:
    with pytest.raises(WeightsError, match=reason):
        fused(tmp_path, tensors)


def test_a_bad_layer_leaves_the_others_untouched(tmp_path: Path) -> None:
    model, path = Toy(), tmp_path / "lora.safetensors"
    good = {"attn1.to_q.lora_A.weight": DOWN, "attn1.to_q.lora_B.weight": UP}
    save_file({**good, "zzz.lora_A.weight": DOWN.clone(), "zzz.lora_B.weight": UP.clone()}, path)
    with pytest.raises(WeightsError):
        fuse_lora(model, path, 1.0)
    assert (model.attn1.to_q.weight == 1).all()


def test_a_damaged_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "lora.safetensors"
    path.write_bytes(b"not tensors")
    with pytest.raises(WeightsError, match="cannot be read"):
        fuse_lora(Toy(), path, 1.0)
