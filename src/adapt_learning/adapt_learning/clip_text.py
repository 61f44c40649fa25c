"""CLIP's text encoder (Radford et al. 2021) behind the `TextEncoder` port."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from adapt_core.errors import WeightsError
from torch import nn

from adapt_learning.diffusion.denoiser import TextEmbedding
from adapt_learning.hub import load_network, locate, quiet
from adapt_learning.prompts import PromptCache, check_tokens

_TOKENIZER_FILES = ("tokenizer.json", "vocab.json", "merges.txt", "tokenizer_config.json", "special_tokens_map.json")


class ClipTextEncoder:
    """Tokens (b, 77, d) after the last layer normalisation, mask of the prompt's own, pooled (b, d) of the last one.

    A prompt that does not fit is an error, never cut off. Embeddings are float32 on the CPU, without gradient, and
    cached by prompt. Implements `TextEncoder`.
    """

    def __init__(self, tokenizer: Any, network: nn.Module, empty: str) -> None:
        """`tokenizer` and `network` are transformers' CLIPTokenizer and CLIPTextModel. Raises ConfigError."""
        self._tokenizer, self.network = tokenizer, network.eval().requires_grad_(False)
        self._cache = PromptCache(self._embed)
        self._empty = self._embed(empty)

    @property
    def width(self) -> int:
        """Features d of a token."""
        return int(self.network.config.hidden_size)

    def encode(self, prompts: Sequence[str]) -> TextEmbedding:
        """See TextEncoder."""
        return self._cache.rows(prompts)

    def empty(self, rows: int) -> TextEmbedding:
        """See TextEncoder; the negative prompt, where there is one."""
        return self._empty[torch.zeros(rows, dtype=torch.int64)]

    @torch.no_grad()
    def _embed(self, prompt: str) -> TextEmbedding:
        limit = self.network.config.max_position_embeddings
        found = self._tokenizer(prompt, padding="max_length", max_length=limit, return_tensors="pt")
        check_tokens(prompt, found.input_ids.shape[1], limit)
        hidden = self.network(found.input_ids.to(self.network.device))  # CLIP attends to padding as well
        tokens, pooled = hidden.last_hidden_state.float().cpu(), hidden.pooler_output.float().cpu()
        return TextEmbedding(tokens, found.attention_mask.bool(), pooled)  # (1, l, d), (1, l), (1, d)


def load_clip_encoder(
    model: str, device: torch.device | str, subfolders: bool = False, empty: str = ""
) -> ClipTextEncoder:
    """The encoder of `model`, a hub id or a folder; `empty` is the prompt that stands for "no text".

    With `subfolders` text encoder and tokenizer lie in `text_encoder/` and `tokenizer/`, as in a diffusers pipeline.
    Raises WeightsError for what cannot be had, ConfigError for an `empty` that is too long.
    """
    from transformers import CLIPTextModel

    network = load_network(CLIPTextModel, model, "text_encoder" if subfolders else "", torch.float32)
    tokenizer = _load_tokenizer(model, "tokenizer" if subfolders else "")
    if len(tokenizer) > network.config.vocab_size:
        words = f"{len(tokenizer)} tokens, the text encoder {network.config.vocab_size}"
        raise WeightsError(f"{model}: the tokenizer knows {words}: take both from one model")
    return ClipTextEncoder(tokenizer, network.to(device), empty)


def _load_tokenizer(model: str, subfolder: str) -> Any:
    from transformers import CLIPTokenizer

    folder = locate(model, subfolder, (), _TOKENIZER_FILES)
    pair = [folder / "vocab.json", folder / "merges.txt"]
    if not (folder / "tokenizer.json").is_file() and not all(path.is_file() for path in pair):
        raise WeightsError(
            f"{folder} has neither tokenizer.json nor vocab.json and merges.txt: copy the tokenizer there"
        )
    return _read_tokenizer(CLIPTokenizer, folder)


def _read_tokenizer(kind: Any, folder: Path) -> Any:
    try:
        with quiet():
            return kind.from_pretrained(folder, local_files_only=True)
    except Exception as error:  # the tokenizers library raises plain Exception
        raise WeightsError(f"{folder} holds no tokenizer that can be read ({error}): copy it again") from error
