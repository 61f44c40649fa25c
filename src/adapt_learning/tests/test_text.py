"""The sentence encoder: what it refuses and what it remembers."""

from __future__ import annotations

import pytest
import torch
from adapt_core.errors import ConfigError
from adapt_core.tasks import load_suite
from adapt_learning.text import MAX_TOKENS, TEXT_DIM, MiniLmEncoder, _tokenise, shared_encoder


@pytest.fixture(scope="module")
def encoder() -> MiniLmEncoder:
    return shared_encoder()


def test_shapes_mask_and_scale(encoder: MiniLmEncoder) -> None:
    found = encoder.encode(["door close", "a robot arm closing a door"])
    assert found.tokens.shape == (2, MAX_TOKENS, TEXT_DIM)
    assert found.mask.sum(1).tolist() == [4, 8]  # words, start and end
    torch.testing.assert_close(found.pooled.norm(dim=1), torch.full((2,), TEXT_DIM**0.5))
    assert (found.tokens[~found.mask] == 0).all()


def test_close_meanings_are_closer_than_far_ones(encoder: MiniLmEncoder) -> None:
    close, same, far = encoder.encode(["close the door", "shut the door", "pour a glass of milk"]).pooled
    assert torch.cosine_similarity(close, same, dim=0) > torch.cosine_similarity(close, far, dim=0) + 0.2


def test_a_prompt_is_encoded_once(encoder: MiniLmEncoder, monkeypatch: pytest.MonkeyPatch) -> None:
    first = encoder.encode(["drawer close"])
    monkeypatch.setattr("adapt_learning.text._mini_lm", None)  # a second embedding would need it
    again = encoder.encode(["drawer close", "drawer close"])
    assert torch.equal(again.pooled[1:], first.pooled)


@pytest.mark.parametrize("prompt", ["", "  \n", "close " * 30, "x" * 500])
def test_empty_and_endless_prompts_are_refused(encoder: MiniLmEncoder, prompt: str) -> None:
    with pytest.raises(ConfigError, match="prompt"):
        encoder.encode([prompt])


@pytest.mark.parametrize("suite", ["metaworld", "dmc"])
def test_every_prompt_of_the_suites_fits(suite: str) -> None:
    for task in load_suite(suite).values():
        for prompt in (task.in_domain_prompt, task.prior_prompt, f"not {task.in_domain_prompt}"):
            assert _tokenise(prompt)["input_ids"].shape[1] <= MAX_TOKENS


def test_no_text_is_all_zeros(encoder: MiniLmEncoder) -> None:
    empty = encoder.empty(3)
    assert not empty.tokens.any()
    assert not empty.pooled.any()
    assert empty.mask.sum(1).tolist() == [1, 1, 1]
