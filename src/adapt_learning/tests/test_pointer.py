"""Pointing to what a text names."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from adapt_core.errors import ConfigError
from adapt_learning.codec import Codec
from adapt_learning.diffusion.denoiser import join_texts
from adapt_learning.embedded_training import Footage, Making, make_prior
from adapt_learning.pointer import Pointed, Pointer, PointerSettings
from adapt_learning.preset import Preset, load_preset
from adapt_learning.text import shared_encoder
from adapt_learning.training.engine import Run
from adapt_learning.training.episodes import Episode
from adapt_learning.training.pointing import PointingSet, Stills, make_pointing, train_pointer, wanted_map
from adapt_learning.training.settings import TrainSettings
from adapt_learning.video_unet import VideoUNet

CELLS = 8
PROMPTS = ["push red cup", "push blue cup"]
SETTINGS = TrainSettings(
    steps=120,
    batch_size=32,
    learning_rate=3e-3,
    warmup=5,
    decay="cosine",
    ema=0.9,
    checkpoint_every=60,
    precision="fp32",
)
SHORT = replace(SETTINGS, steps=4, batch_size=4)


def scattered(count: int, seed: int) -> PointingSet:
    """Latents with a thing of each kind in a cell of its own, each named once."""
    generator = torch.Generator().manual_seed(seed)
    latents = 0.3 * torch.randn(count, 2, CELLS, CELLS, generator=generator)
    points = torch.empty(count, 2, 2)
    for number in range(count):
        cells = torch.randperm(CELLS * CELLS, generator=generator)[:2]
        for kind, cell in enumerate(cells.tolist()):
            latents[number, kind, cell // CELLS, cell % CELLS] += 4.0
            points[number, kind] = torch.tensor([cell % CELLS + 0.5, cell // CELLS + 0.5]) / CELLS
    image, text = torch.arange(count).repeat_interleave(2), torch.arange(2).repeat(count)
    return PointingSet(
        latents.half(), image, text, points.flatten(0, 1), shared_encoder().encode(PROMPTS), torch.device("cpu")
    )


def share_right(pointer: Pointer, examples: PointingSet) -> float:
    """How often the best cell is the named thing's."""
    with torch.no_grad():
        found = pointer(examples.latents[examples.image].float(), examples.texts[examples.text]).cell
    wanted = wanted_map(examples.points, CELLS).flatten(1).argmax(1)
    return float((found == torch.stack([wanted // CELLS, wanted % CELLS], 1)).all(1).float().mean())


def test_learns_which_thing_a_word_names(tmp_path: Path) -> None:
    torch.manual_seed(0)
    pointer = train_pointer(Pointer(2, 16), scattered(300, 0), SETTINGS, Run(tmp_path, 0))
    assert share_right(pointer, scattered(50, 1)) > 0.9  # either thing: 0.5
    assert not any(value.requires_grad for value in pointer.parameters())


def test_points_to_the_middle_without_text() -> None:
    encoder = shared_encoder()
    texts = join_texts(encoder.encode(PROMPTS[:1]), encoder.empty(1))
    found = Pointer(2, 8)(torch.randn(2, 2, CELLS, CELLS), texts)
    assert found.place[0, 2] == 1.0 and found.place[0].abs().max() <= 1.0
    assert found.cell[1].tolist() == [CELLS // 2, CELLS // 2] and not found.place[1].any()


def test_brings_the_cell_to_the_middle_and_back() -> None:
    x = torch.arange(2 * 3 * 4 * 6).reshape(2, 3, 4, 6)
    found = Pointed(torch.tensor([[0, 5], [2, 3]]), torch.zeros(2, 3))
    centred = found.centred(x)
    assert torch.equal(centred[0, :, 2, 3], x[0, :, 0, 5])
    assert torch.equal(centred[1], x[1])
    assert torch.equal(found.back(centred), x)


def test_wanted_map_is_a_share_of_each_cell_around_the_point() -> None:
    [wanted] = wanted_map(torch.tensor([[0.9, 0.1]]), CELLS)
    assert wanted.sum() == pytest.approx(1.0)
    assert divmod(int(wanted.argmax()), CELLS) == (0, 7)  # row, column: high up, far right


def pointed_preset() -> Preset:
    """The preset `test` with a prior that points."""
    preset = load_preset("test")
    training = replace(preset.training, pointer=SHORT)
    return replace(preset, prior=replace(preset.prior, pointer=PointerSettings(8)), training=training)


def test_a_prior_learns_to_point_before_it_learns_to_imagine(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    images = rng.integers(0, 255, (6, 128, 128, 3), np.uint8)
    stills = Stills(images, np.arange(6), [PROMPTS] * 6, rng.random((6, 2)))
    episode = Episode(rng.integers(0, 255, (10, 128, 128, 3), np.uint8), None, np.zeros((9, 0)), PROMPTS[0])
    making, codec = Making(pointed_preset(), tmp_path / "runs", tmp_path / "out"), Codec(4, 8).eval()
    footage = Footage(codec, [episode], shared_encoder())
    with pytest.raises(ConfigError, match="pictures"):
        make_prior(footage, making)
    prior = make_prior(replace(footage, stills=stills), making)
    assert isinstance(prior, VideoUNet) and prior.pointer is not None
    alone = Pointer(4, 8)
    examples = make_pointing(codec, stills, shared_encoder())
    train_pointer(alone, examples, SHORT, Run(making.runs / "pointer", 0))  # is done already: its last checkpoint
    for name, value in alone.state_dict().items():  # the video's training did not touch it; files are in half precision
        torch.testing.assert_close(prior.pointer.state_dict()[name], value.half().float())
