"""CLIP's text encoder (Radford et al. 2021) behind the `TextEncoder` port."""

from __future__ import annotations

import torch

from adapt_learning.text import TextEncoder


def load_clip_encoder(model: str, device: torch.device | str, subfolders: bool = False, empty: str = "") -> TextEncoder:
    """The encoder of `model`, a hub id or a folder; `empty` is the prompt that stands for "no text".

    With `subfolders` text encoder and tokenizer lie in `text_encoder/` and `tokenizer/`, as in a diffusers pipeline.
    Raises WeightsError for what cannot be had.
    """
    raise NotImplementedError
