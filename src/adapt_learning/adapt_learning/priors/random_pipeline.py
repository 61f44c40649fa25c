"""The parts of an AnimateDiff pipeline with random weights: the public models' sizes for timing, tiny ones for tests."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import nn

from adapt_learning.clip_text import ClipTextEncoder
from adapt_learning.hub import quiet
from adapt_learning.layers import place
from adapt_learning.priors.motion_prior import make_motion_prior, with_motion
from adapt_learning.priors.sparse_control import FirstFrameControl
from adapt_learning.stable_diffusion_codec import StableDiffusionCodec
from adapt_learning.video_prior import VideoPrior


@dataclass(frozen=True)
class PipelineSize:
    """What the configurations of the public models say beyond the classes' defaults."""

    unet: Mapping[str, Any]
    motion_adapter: Mapping[str, Any]
    sparse_control: Mapping[str, Any]
    text_encoder: Mapping[str, Any]
    vae: Mapping[str, Any]


_CODEC_BLOCKS = {"down_block_types": ("DownEncoderBlock2D",) * 4, "up_block_types": ("UpDecoderBlock2D",) * 4}
_TINY_BLOCKS: dict[str, Any] = {"block_out_channels": (16, 32), "layers_per_block": 1, "norm_num_groups": 8}

FULL_SIZE = PipelineSize(
    unet={"sample_size": 64, "cross_attention_dim": 768, "attention_head_dim": 8},
    motion_adapter={"use_motion_mid_block": False, "motion_max_seq_length": 32},  # v1-5-3
    sparse_control={"conditioning_channels": 4, "use_simplified_condition_embedding": True},  # RGB
    text_encoder={  # CLIP ViT-L/14
        "hidden_size": 768,
        "intermediate_size": 3072,
        "num_hidden_layers": 12,
        "num_attention_heads": 12,
    },
    vae={**_CODEC_BLOCKS, "block_out_channels": (128, 256, 512, 512), "layers_per_block": 2, "sample_size": 512},
)
TINY_SIZE = PipelineSize(
    unet={
        **_TINY_BLOCKS,
        "sample_size": 8,
        "cross_attention_dim": 32,
        "attention_head_dim": 2,
        "down_block_types": ("CrossAttnDownBlock2D", "DownBlock2D"),
        "up_block_types": ("UpBlock2D", "CrossAttnUpBlock2D"),
    },
    motion_adapter={
        "block_out_channels": (16, 32),
        "motion_layers_per_block": 1,
        "motion_norm_num_groups": 8,
        "motion_num_attention_heads": 2,
        "use_motion_mid_block": False,
    },
    sparse_control={
        **_TINY_BLOCKS,
        "cross_attention_dim": 32,
        "attention_head_dim": 2,
        "motion_num_attention_heads": 2,
        "down_block_types": ("CrossAttnDownBlockMotion", "DownBlockMotion"),
    },
    text_encoder={"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2, "num_attention_heads": 2},
    vae={**_CODEC_BLOCKS, "block_out_channels": (8, 8, 8, 8), "norm_num_groups": 4},
)


class RandomPipeline:
    """The networks of a pipeline of `size`, drawn anew, and a tokenizer of single characters."""

    def __init__(
        self, size: PipelineSize, device: torch.device | str = "cpu", dtype: torch.dtype = torch.float32
    ) -> None:
        """Draws from PyTorch's global generator; the meta device has sizes only."""
        from diffusers import AutoencoderKL, MotionAdapter, SparseControlNetModel, UNet2DConditionModel
        from transformers import CLIPTextConfig, CLIPTextModel

        with quiet(), torch.device(device):
            self.unet = UNet2DConditionModel(**size.unet).to(dtype)
            self.motion_adapter = MotionAdapter(**size.motion_adapter).to(dtype)
            self.sparse_control = SparseControlNetModel(**size.sparse_control).to(dtype)
            self.text_encoder = CLIPTextModel(CLIPTextConfig(**size.text_encoder)).eval()
            self.vae = AutoencoderKL(**size.vae).to(dtype)
        _redraw_zeros(self.sparse_control)
        self.device = torch.device(device)

    def prior(self, scale: float = 1.0, negative_prompt: str = "bad quality, worse quality") -> VideoPrior:
        """These parts as a prior; not on the meta device."""
        control = FirstFrameControl(self.sparse_control, scale)
        encoder = ClipTextEncoder(character_tokenizer(), self.text_encoder, negative_prompt)
        return make_motion_prior(with_motion(self.unet, self.motion_adapter), control, encoder, self.device)

    def codec(self) -> StableDiffusionCodec:
        """The latent space of these parts."""
        return StableDiffusionCodec(place(self.vae, self.device))

    def parameters(self) -> dict[str, int]:
        """Weights of each network."""
        networks = ("unet", "motion_adapter", "sparse_control", "text_encoder", "vae")
        return {name: sum(value.numel() for value in getattr(self, name).parameters()) for name in networks}

    def save(self, folder: Path) -> None:
        """Write the parts into folders `base`, `motion_adapter` and `sparse_control`, laid out as the hub's are."""
        places = {name: folder / "base" / name for name in ("unet", "vae", "text_encoder")}
        places |= {name: folder / name for name in ("motion_adapter", "sparse_control")}
        with quiet():
            for name, place_ in places.items():
                getattr(self, name).save_pretrained(place_)
        tokenizer = folder / "base" / "tokenizer"
        tokenizer.mkdir(parents=True)
        (tokenizer / "vocab.json").write_text(json.dumps(_vocabulary()))
        (tokenizer / "merges.txt").write_text("#version: 0.2\n")


def character_tokenizer() -> Any:
    """CLIP's tokenizer without merges: a token a character. Its indices are within CLIP's vocabulary."""
    from transformers import CLIPTokenizer

    return CLIPTokenizer(_vocabulary(), [])


def _vocabulary() -> dict[str, int]:
    """Printable characters, within a word and at its end, as CLIP's vocabulary begins; the two special tokens end it."""
    characters = [chr(code) for code in range(33, 127)]
    words = {word: index for index, word in enumerate([*characters, *(c + "</w>" for c in characters)])}
    return {**words, "<|startoftext|>": 49406, "<|endoftext|>": 49407}


@torch.no_grad()
def _redraw_zeros(network: nn.Module) -> None:
    """A fresh SparseCtrl's condition and outputs start at zero weights, so that nothing would depend on the frame."""
    for value in network.parameters():
        if value.device.type != "meta" and not value.any():
            value.normal_(std=0.05)
