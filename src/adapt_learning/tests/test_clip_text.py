"""CLIP's text encoder: what diffusers' pipelines feed their U-Nets, and what is refused."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import torch
from adapt_core.errors import ConfigError, WeightsError
from adapt_learning.clip_text import ClipTextEncoder, load_clip_encoder
from adapt_learning.priors.random_pipeline import RandomPipeline
from transformers import CLIPConfig, CLIPModel


@pytest.fixture
def encoder(tiny_pipeline_folder: Path) -> ClipTextEncoder:
    return load_clip_encoder(str(tiny_pipeline_folder / "base"), "cpu", subfolders=True, empty="bad quality")


def test_shapes_and_mask(encoder: ClipTextEncoder) -> None:
    found = encoder.encode(["door close", "push"])
    assert found.tokens.shape == (2, 77, encoder.width)
    assert found.pooled.shape == (2, encoder.width)
    assert found.mask.sum(1).tolist() == [11, 6]  # characters, start and end
    assert found.tokens.dtype == torch.float32
    assert not found.tokens.requires_grad


def test_no_text_is_the_negative_prompt(encoder: ClipTextEncoder) -> None:
    empty, same = encoder.empty(2), encoder.encode(["bad quality", "bad quality"])
    torch.testing.assert_close(empty.tokens, same.tokens)
    torch.testing.assert_close(empty.pooled, same.pooled)


def test_without_a_negative_prompt_no_text_is_the_empty_one(tiny_pipeline_folder: Path) -> None:
    encoder = load_clip_encoder(str(tiny_pipeline_folder / "base"), "cpu", subfolders=True)
    assert encoder.empty(3).mask.sum(1).tolist() == [2, 2, 2]


def test_a_prompt_is_encoded_once(encoder: ClipTextEncoder, monkeypatch: pytest.MonkeyPatch) -> None:
    first = encoder.encode(["drawer close"])
    monkeypatch.setattr(encoder, "network", None)
    assert torch.equal(encoder.encode(["drawer close"] * 2).tokens[1:], first.tokens)


@pytest.mark.parametrize(
    ("prompt", "reason"),
    [(" ", "is empty"), ("x" * 10_000, "10000 characters"), ("close " * 20, "more than 77 tokens")],
)
def test_empty_and_endless_prompts_are_refused(encoder: ClipTextEncoder, prompt: str, reason: str) -> None:
    with pytest.raises(ConfigError, match=reason):
        encoder.encode([prompt])


def test_a_prompt_that_just_fits_is_taken(encoder: ClipTextEncoder) -> None:
    assert encoder.encode(["x" * 75]).mask.all()


def test_the_text_half_of_a_whole_clip_model(tiny_pipeline_folder: Path, tmp_path: Path) -> None:
    vision = {"hidden_size": 16, "intermediate_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2}
    text = {"hidden_size": 16, "intermediate_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2}
    whole = CLIPModel(CLIPConfig(text_config=text, vision_config=vision)).eval()
    shutil.copytree(tiny_pipeline_folder / "base" / "tokenizer", tmp_path / "clip")
    whole.save_pretrained(tmp_path / "clip")
    encoder = load_clip_encoder(str(tmp_path / "clip"), "cpu")
    inputs = encoder._tokenizer("door close", padding="max_length", max_length=77, return_tensors="pt").input_ids
    with torch.no_grad():
        expected = whole.text_model(inputs).last_hidden_state
    torch.testing.assert_close(encoder.encode(["door close"]).tokens, expected)


@pytest.mark.parametrize("name", ["vocab.json", "merges.txt"])
def test_half_a_tokenizer_is_refused(tiny_pipeline_folder: Path, tmp_path: Path, name: str) -> None:
    base = shutil.copytree(tiny_pipeline_folder / "base", tmp_path / "base")
    (base / "tokenizer" / name).unlink()
    with pytest.raises(WeightsError, match="copy the tokenizer"):
        load_clip_encoder(str(base), "cpu", subfolders=True)


def test_a_tokenizer_that_cannot_be_read_is_refused(tiny_pipeline_folder: Path, tmp_path: Path) -> None:
    base = shutil.copytree(tiny_pipeline_folder / "base", tmp_path / "base")
    (base / "tokenizer" / "vocab.json").write_text("{")
    with pytest.raises(WeightsError, match="no tokenizer that can be read"):
        load_clip_encoder(str(base), "cpu", subfolders=True)


def test_the_saved_tokenizer_is_the_one_in_memory(encoder: ClipTextEncoder, tiny_pipeline: RandomPipeline) -> None:
    prior = tiny_pipeline.prior()
    torch.testing.assert_close(prior.encoder.encode(["open"]).tokens, encoder.encode(["open"]).tokens)
