"""What text encoders have in common: which prompts they refuse, and that they embed each one once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache

import torch
from adapt_core.errors import ConfigError

from adapt_learning.diffusion.denoiser import TextEmbedding

MAX_CHARACTERS = 400
_REMEMBERED = 1024  # prompts; a robot has dozens


def checked_prompt(prompt: str) -> str:
    """`prompt` without white space around it. Raises ConfigError where nothing, or far too much, is left."""
    text = prompt.strip()
    if not text:
        raise ConfigError("the prompt is empty: say what the robot should do, e.g. 'door close'")
    if len(text) > MAX_CHARACTERS:
        raise ConfigError(f"the prompt has {len(text)} characters: say it in at most {MAX_CHARACTERS}")
    return text


def check_tokens(prompt: str, tokens: int, limit: int) -> None:
    """Raises ConfigError where `prompt`, of so many `tokens`, would have to be cut off."""
    if tokens > limit:
        raise ConfigError(f'the prompt "{prompt[:40]}..." has more than {limit} tokens: say it in fewer words')


class PromptCache:
    """Embeds prompts one by one with `embed` (one row each) and remembers them."""

    def __init__(self, embed: Callable[[str], TextEmbedding]) -> None:
        self._row = lru_cache(maxsize=_REMEMBERED)(embed)

    def rows(self, prompts: Sequence[str]) -> TextEmbedding:
        """One row a prompt. Raises ConfigError for an empty or too long prompt."""
        rows = [self._row(checked_prompt(prompt)) for prompt in prompts]
        return TextEmbedding(
            torch.cat([row.tokens for row in rows]),  # (b, l, d)
            torch.cat([row.mask for row in rows]),  # (b, l)
            torch.cat([row.pooled for row in rows]),  # (b, d)
        )
