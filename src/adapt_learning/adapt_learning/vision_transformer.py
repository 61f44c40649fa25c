"""A vision transformer whose weights are named as timm names them (Dosovitskiy et al. 2021)."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

HEAD_CHANNELS = 64  # of each attention head, in every size of ViT
_EPSILON = 1e-6


class _PatchEmbedding(nn.Module):
    def __init__(self, width: int, patch: int) -> None:
        super().__init__()
        self.proj = nn.Conv2d(3, width, patch, stride=patch)

    def forward(self, images: Tensor) -> Tensor:
        cells: Tensor = self.proj(images).flatten(2).transpose(1, 2)  # (b, cells, width)
        return cells


class _Attention(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.heads = width // HEAD_CHANNELS
        self.qkv = nn.Linear(width, 3 * width)
        self.proj = nn.Linear(width, width)

    def forward(self, x: Tensor) -> Tensor:
        b, length, width = x.shape
        query, key, value = self.qkv(x).reshape(b, length, 3, self.heads, -1).permute(2, 0, 3, 1, 4)
        mixed = functional.scaled_dot_product_attention(query, key, value)  # (b, heads, l, width / heads)
        out: Tensor = self.proj(mixed.transpose(1, 2).reshape(b, length, width))
        return out


class _Mlp(nn.Module):
    def __init__(self, width: int, hidden: int) -> None:
        super().__init__()
        self.fc1, self.fc2 = nn.Linear(width, hidden), nn.Linear(hidden, width)

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = self.fc2(functional.gelu(self.fc1(x)))
        return out


class _Block(nn.Module):
    def __init__(self, width: int, hidden: int) -> None:
        super().__init__()
        self.norm1, self.attn = nn.LayerNorm(width, _EPSILON), _Attention(width)
        self.norm2, self.mlp = nn.LayerNorm(width, _EPSILON), _Mlp(width, hidden)

    def forward(self, x: Tensor) -> Tensor:
        x = x + self.attn(self.norm1(x))
        out: Tensor = x + self.mlp(self.norm2(x))
        return out


class VisionTransformer(nn.Module):
    """Square images of `size` pixels -> the class token after the last block and norm, `width` numbers.

    `patch` pixels a cell, `depth` blocks, `hidden` channels in each block's MLP; `width` is a multiple of 64.
    """

    def __init__(self, size: int, patch: int, width: int, depth: int, hidden: int) -> None:
        super().__init__()
        self.patch_embed = _PatchEmbedding(width, patch)
        self.cls_token = nn.Parameter(torch.zeros(1, 1, width))
        self.pos_embed = nn.Parameter(torch.zeros(1, 1 + (size // patch) ** 2, width))
        self.blocks = nn.ModuleList(_Block(width, hidden) for _ in range(depth))
        self.norm = nn.LayerNorm(width, _EPSILON)

    def forward(self, images: Tensor) -> Tensor:
        """`images` (b, 3, size, size), normalised as in training -> (b, width)."""
        cells = self.patch_embed(images)
        x = torch.cat([self.cls_token.expand(len(cells), -1, -1), cells], 1) + self.pos_embed
        for block in self.blocks:
            x = block(x)
        token: Tensor = self.norm(x)[:, 0]
        return token
