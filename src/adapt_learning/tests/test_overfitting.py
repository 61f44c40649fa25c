"""Each part that is trained learns one clip by heart, and ends with the same bits when it is killed on the way.

Run as a program, this file trains one part in a folder: `python test_overfitting.py PART FOLDER`; it dies at once after
the step that KILLED_AFTER in the environment names.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from adapt_core.ports import LossProgress
from adapt_core.types import ActionSpace
from adapt_learning.codec import Codec
from adapt_learning.diffusion.denoiser import TextEmbedding
from adapt_learning.factorised_unet import FactorisedSettings, FactorisedUNet
from adapt_learning.in_domain import InDomainModel
from adapt_learning.inverse_dynamics_settings import (
    ConvolutionalSettings,
    InverseDynamicsSettings,
    PoseTarget,
    Vc1Settings,
)
from adapt_learning.preset import Preset, load_preset
from adapt_learning.text import TextEncoder, shared_encoder
from adapt_learning.training.clips import LatentEpisode, gather_clips
from adapt_learning.training.engine import Run
from adapt_learning.training.episodes import Episode
from adapt_learning.training.latents import LatentCache
from adapt_learning.training.settings import TrainSettings
from adapt_learning.training.stages import (
    build_inverse_dynamics,
    measure_inverse_dynamics,
    train_codec,
    train_inverse_dynamics,
    train_video,
)
from adapt_learning.vc1 import Vc1Net
from adapt_learning.video_unet import VideoUNet
from adapt_learning.vision_transformer import VisionTransformer
from torch import Tensor, nn

SETTINGS = TrainSettings(
    steps=45,
    batch_size=8,
    learning_rate=3e-3,
    warmup=0,
    decay="constant",
    ema=0.9,
    checkpoint_every=15,
    precision="fp32",
    text_dropout=0.1,
)
Part = Callable[[Run], nn.Module]


def preset(**changes: object) -> Preset:
    """The preset `test` with other settings."""
    return replace(load_preset("test"), **changes)  # type: ignore[arg-type]


def episode() -> Episode:
    """Ten frames of 64 pixels in which a square speeds up to the right."""
    frames, poses = np.full((10, 64, 64, 3), 40, np.uint8), np.zeros((10, 8))
    for index, column in enumerate([0, 1, 3, 6, 10, 15, 21, 28, 36, 45]):
        frames[index, 20:32, column : column + 12] = (230, 60, 60)
        poses[index] = [column / 64, 0.3, 0.1, 0, 0, 0, 1, 0.5]
    return Episode(frames, poses, poses[1:], "push the square")


def codec(run: Run) -> nn.Module:
    training = replace(load_preset("test").training, codec=replace(SETTINGS, batch_size=4))
    return train_codec(Codec(4, 8), [episode()], preset(training=training), run)


def compact(run: Run) -> nn.Module:
    return video(VideoUNet(frames=2, latent_channels=2, width=16, heads=2), run, shared_encoder())


def factorised(run: Run) -> nn.Module:
    size = FactorisedSettings("factorised", 16, (1, 2), 1, (1,), 16, 16, "fp32")
    return video(FactorisedUNet(2, size), run, Words())


class Words:
    """Prompts of two tokens, 16 wide: the model that reads them stays small."""

    def encode(self, prompts: Sequence[str]) -> TextEmbedding:
        rows = len(prompts)
        return TextEmbedding(torch.ones(rows, 2, 16), torch.ones(rows, 2, dtype=torch.bool), torch.ones(rows, 16))

    def empty(self, rows: int) -> TextEmbedding:
        return TextEmbedding(torch.zeros(rows, 2, 16), torch.ones(rows, 2, dtype=torch.bool), torch.zeros(rows, 16))


def video(model: InDomainModel, run: Run, encoder: TextEncoder) -> nn.Module:
    latents = torch.stack([torch.zeros(2, 8, 8), torch.randn(2, 8, 8), torch.randn(2, 8, 8)]).half()
    clips = gather_clips(Codec(2, 8), [LatentEpisode(latents, "push the square", "one")], 2, encoder)
    return train_video(model, clips, load_preset("test"), SETTINGS, run)


def convolutional(run: Run) -> nn.Module:
    return hands(ConvolutionalSettings(kind="convolutional", width=8, space=ActionSpace.END_EFFECTOR), run)


def vc1(run: Run) -> nn.Module:
    """A vision transformer of two blocks in the place of VC-1; only the linear layer on it learns."""
    settings = Vc1Settings(kind="vc1", file="", width=64, space=ActionSpace.END_EFFECTOR, target=PoseTarget.POSE)
    eye = VisionTransformer(224, 16, 64, depth=2, hidden=128)
    eye.load_state_dict({name: value + 0.5 * torch.randn_like(value) for name, value in eye.state_dict().items()})
    return hands(settings, run, eye)


def hands(settings: InverseDynamicsSettings, run: Run, eye: VisionTransformer | None = None) -> nn.Module:
    seeing = preset(image_size=64, inverse_dynamics=settings)
    net = build_inverse_dynamics(seeing)
    if isinstance(net, Vc1Net) and eye is not None:
        net.attach(eye)
    measure_inverse_dynamics(net, [episode()], seeing)
    cache = LatentCache(Codec(4, 8).eval(), None)
    return train_inverse_dynamics(net, cache, [episode()], seeing, SETTINGS, run)


PARTS: dict[str, Part] = {part.__name__: part for part in (codec, compact, factorised, convolutional, vc1)}
FALLS_BY = {"codec": 4.0, "compact": 2.5, "factorised": 4.0, "convolutional": 2.5, "vc1": 2.5}  # the loss, at least


def trained(part: str, folder: Path, progress: LossProgress | None = None) -> dict[str, Tensor]:
    """The weights of `part`, trained in `folder` from the same first ones each time."""
    torch.manual_seed(0)
    return PARTS[part](Run(folder, 0, progress=progress)).state_dict()


@pytest.mark.parametrize("part", PARTS)
def test_it_learns_by_heart_and_ends_alike_when_interrupted(part: str, tmp_path: Path) -> None:
    losses: list[float] = []
    whole = trained(part, tmp_path / "whole", lambda step, steps, loss: losses.append(loss))
    assert np.mean(losses[-5:]) < np.mean(losses[:3]) / FALLS_BY[part]

    def die(step: int, steps: int, loss: float) -> None:
        if step == 20:
            raise KeyboardInterrupt  # nothing is saved on the way out

    with pytest.raises(KeyboardInterrupt):
        trained(part, tmp_path / "killed", die)
    steps: list[int] = []
    resumed = trained(part, tmp_path / "killed", lambda step, of, loss: steps.append(step))
    assert steps[0] == 16
    assert all(torch.equal(value, resumed[name]) for name, value in whole.items())


def test_a_process_that_is_killed_loses_nothing_that_was_saved(tmp_path: Path) -> None:
    environment = {**os.environ, "KILLED_AFTER": "20"}
    killed = subprocess.run([sys.executable, __file__, "convolutional", tmp_path / "killed"], env=environment)
    assert killed.returncode == -signal.SIGKILL
    steps: list[int] = []
    resumed = trained("convolutional", tmp_path / "killed", lambda step, of, loss: steps.append(step))
    assert steps[0] == 16
    whole = trained("convolutional", tmp_path / "whole")
    assert all(torch.equal(value, resumed[name]) for name, value in whole.items())


def main() -> None:
    """Train the part and folder given, until the step to die after."""

    def die(step: int, steps: int, loss: float) -> None:
        if step == int(os.environ["KILLED_AFTER"]):
            os.kill(os.getpid(), signal.SIGKILL)

    torch.set_num_threads(1)
    trained(sys.argv[1], Path(sys.argv[2]), die)


if __name__ == "__main__":
    main()
