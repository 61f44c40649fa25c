"""Building blocks of the factorised video U-Net: space and time are worked on in turn.

All take frames (b f, c, h, w). In the channels-last layout the views of a clip, (b, c, f, h w) and (b, f h w, c), are the
same memory read in another order: nothing is copied between a step in space and a step in time.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional


def as_clips(x: Tensor, frames: int) -> Tensor:
    """(b f, c, h, w) -> (b, c, f, h w): an image whose rows are frames."""
    return x.unflatten(0, (-1, frames)).transpose(1, 2).flatten(3)


def as_frames(x: Tensor, height: int) -> Tensor:
    """(b, c, f, h w) -> (b f, c, h, w): inverse of `as_clips`."""
    return x.transpose(1, 2).flatten(0, 1).unflatten(-1, (height, -1))


def group_norm(channels: int) -> nn.GroupNorm:
    """32 groups (Wu and He 2018), fewer where they would have less than four channels."""
    return nn.GroupNorm(max(1, min(32, channels // 4)), channels)


class FactorisedConv(nn.Module):
    """A 3x3 convolution of each frame, then one over three frames at each cell, which begins as the identity.

    Ho et al. 2022 (Video diffusion models), section 3, with Singer et al. 2022 (Make-A-Video), section 3.2.
    """

    def __init__(self, inputs: int, outputs: int, stride: int = 1) -> None:
        super().__init__()
        self.spatial = nn.Conv2d(inputs, outputs, 3, stride, padding=1)
        self.temporal = nn.Conv2d(outputs, outputs, (3, 1), padding=(1, 0))
        nn.init.dirac_(self.temporal.weight)
        nn.init.zeros_(self.temporal.bias)

    def forward(self, x: Tensor, frames: int) -> Tensor:
        """(b f, inputs, h, w) -> (b f, outputs, h / stride, w / stride)."""
        x = self.spatial(x)
        return as_frames(self.temporal(as_clips(x, frames)), x.shape[2])


class ClipNorm(nn.Module):
    """Group normalisation over all cells of all frames of a clip."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.norm = group_norm(channels)

    def forward(self, x: Tensor, frames: int) -> Tensor:
        """(b f, c, h, w) -> the same shape."""
        return as_frames(self.norm(as_clips(x, frames)), x.shape[2])


class FactorisedResidualBlock(nn.Module):
    """Two factorised convolutions with a skip; the condition is added between them; begins as the skip alone."""

    def __init__(self, inputs: int, outputs: int, condition_dim: int) -> None:
        super().__init__()
        self.norm_in, self.conv_in = ClipNorm(inputs), FactorisedConv(inputs, outputs)
        self.condition = nn.Linear(condition_dim, outputs)
        self.norm_out, self.conv_out = ClipNorm(outputs), FactorisedConv(outputs, outputs)
        self.skip = nn.Conv2d(inputs, outputs, 1) if inputs != outputs else nn.Identity()
        nn.init.zeros_(self.conv_out.spatial.weight)
        nn.init.zeros_(self.conv_out.spatial.bias)

    def forward(self, x: Tensor, condition: Tensor) -> Tensor:
        """`x` (b f, inputs, h, w), `condition` (b, condition_dim) -> (b f, outputs, h, w)."""
        frames = len(x) // len(condition)
        shift = self.condition(condition).repeat_interleave(frames, 0)[:, :, None, None]
        hidden = self.conv_in(functional.silu(self.norm_in(x, frames)), frames) + shift
        out: Tensor = self.skip(x) + self.conv_out(functional.silu(self.norm_out(hidden, frames)), frames)
        return out


class CellAttention(nn.Module):
    """Attention of the cells of each frame to each other (Vaswani et al. 2017); begins as the identity."""

    def __init__(self, channels: int, head_channels: int) -> None:
        super().__init__()
        self.heads = channels // head_channels
        self.norm = group_norm(channels)
        self.query_key_value = nn.Linear(channels, 3 * channels)
        self.out = nn.Linear(channels, channels)
        nn.init.zeros_(self.out.weight)
        nn.init.zeros_(self.out.bias)

    def forward(self, x: Tensor) -> Tensor:
        """(b f, c, h, w) -> the same shape."""
        cells = self.norm(x).flatten(2).transpose(1, 2)  # (b f, h w, c)
        query, key, value = (split_heads(part, self.heads) for part in self.query_key_value(cells).chunk(3, -1))
        mixed = self.out(merge_heads(functional.scaled_dot_product_attention(query, key, value)))
        return x + mixed.transpose(1, 2).unflatten(2, x.shape[2:])


class TextAttention(nn.Module):
    """Attention of the cells of a clip to the tokens of its text; begins as the identity.

    Queries, keys and values are as wide as the text, so that every level reads it in full.
    """

    def __init__(self, channels: int, text_dim: int, head_channels: int) -> None:
        super().__init__()
        self.heads = text_dim // head_channels
        self.norm = group_norm(channels)
        self.query = nn.Linear(channels, text_dim, bias=False)
        self.key_value = nn.Linear(text_dim, 2 * text_dim, bias=False)
        self.out = nn.Linear(text_dim, channels)
        nn.init.zeros_(self.out.weight)
        nn.init.zeros_(self.out.bias)

    def forward(self, x: Tensor, tokens: Tensor, mask: Tensor) -> Tensor:
        """`x` (b f, c, h, w), `tokens` (b, l, text_dim), `mask` (b, l) bool -> (b f, c, h, w)."""
        cells = self.norm(x).flatten(2).transpose(1, 2)  # (b f, h w, c)
        query = split_heads(self.query(cells).reshape(len(tokens), -1, tokens.shape[2]), self.heads)  # all of a clip's
        key, value = (split_heads(part, self.heads) for part in self.key_value(tokens).chunk(2, -1))
        read = functional.scaled_dot_product_attention(query, key, value, mask[:, None, None, :])
        mixed = self.out(merge_heads(read)).reshape(cells.shape)  # (b f, h w, c)
        return x + mixed.transpose(1, 2).unflatten(2, x.shape[2:])


def split_heads(x: Tensor, heads: int) -> Tensor:
    """(b, l, heads d) -> (b, heads, l, d)."""
    return x.unflatten(-1, (heads, -1)).transpose(1, 2)


def merge_heads(x: Tensor) -> Tensor:
    """(b, heads, l, d) -> (b, l, heads d)."""
    return x.transpose(1, 2).flatten(2)


def masked_mean(tokens: Tensor, mask: Tensor) -> Tensor:
    """Mean (b, d) of the `tokens` (b, l, d) where `mask` (b, l) bool is True."""
    weight = mask[..., None].to(tokens.dtype)
    return (tokens * weight).sum(1) / weight.sum(1).clamp_min(1)


class TextPool(nn.Module):
    """A text's tokens as one vector: a Perceiver resampler (Jaegle et al. 2021; Alayrac et al. 2022), then the mean.

    64 learned queries and 4 made of the tokens' mean read the tokens `depth` times.
    """

    def __init__(self, text_dim: int, outputs: int, head_channels: int, depth: int = 2) -> None:
        super().__init__()
        self.learned = nn.Parameter(torch.randn(64, text_dim) * 0.02)
        self.of_mean = nn.Sequential(nn.LayerNorm(text_dim), nn.Linear(text_dim, 4 * text_dim))
        self.layers = nn.ModuleList(_ResamplerLayer(text_dim, head_channels) for _ in range(depth))
        self.out = nn.Linear(text_dim, outputs)

    def forward(self, tokens: Tensor, mask: Tensor) -> Tensor:
        """`tokens` (b, l, text_dim), `mask` (b, l) bool -> (b, outputs)."""
        b, _, d = tokens.shape
        of_mean = self.of_mean(masked_mean(tokens, mask)).reshape(b, 4, d)
        queries = torch.cat([self.learned.to(of_mean.dtype).expand(b, -1, -1), of_mean], 1)  # (b, 68, text_dim)
        for layer in self.layers:
            queries = layer(queries, tokens, mask)
        pooled: Tensor = self.out(queries).mean(1)
        return pooled


class _ResamplerLayer(nn.Module):
    """Queries attend to the tokens and to themselves, then a feed-forward step, each with a skip."""

    def __init__(self, dim: int, head_channels: int) -> None:
        super().__init__()
        self.heads = dim // head_channels
        self.norm_queries, self.norm_tokens = nn.LayerNorm(dim), nn.LayerNorm(dim)
        self.query = nn.Linear(dim, dim, bias=False)
        self.key_value = nn.Linear(dim, 2 * dim, bias=False)
        self.out = nn.Linear(dim, dim, bias=False)
        self.feed_forward = nn.Sequential(
            nn.LayerNorm(dim), nn.Linear(dim, 4 * dim, bias=False), nn.GELU(), nn.Linear(4 * dim, dim, bias=False)
        )

    def forward(self, queries: Tensor, tokens: Tensor, mask: Tensor) -> Tensor:
        normal = self.norm_queries(queries)
        read = torch.cat([self.norm_tokens(tokens), normal], 1)  # (b, l + q, d)
        seen = functional.pad(mask, (0, normal.shape[1]), value=True)[:, None, None, :]
        query = split_heads(self.query(normal), self.heads)
        key, value = (split_heads(part, self.heads) for part in self.key_value(read).chunk(2, -1))
        queries = queries + self.out(merge_heads(functional.scaled_dot_product_attention(query, key, value, seen)))
        out: Tensor = queries + self.feed_forward(queries)
        return out
