"""Several processes train together as one would alone. Run as a program, this file is one of them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from adapt_learning.codec import Codec
from adapt_learning.preset import load_preset
from adapt_learning.tensor_file import read_tensors, write_tensors
from adapt_learning.text import shared_encoder
from adapt_learning.training.clips import LatentEpisode, gather_clips
from adapt_learning.training.engine import Run
from adapt_learning.training.processes import Processes
from adapt_learning.training.settings import TrainSettings
from adapt_learning.training.stages import train_video
from adapt_learning.video_unet import VideoUNet

SETTINGS = TrainSettings(
    steps=5,
    batch_size=8,
    learning_rate=1e-3,
    warmup=0,
    decay="constant",
    ema=0.9,
    checkpoint_every=5,
    precision="fp32",
    text_dropout=0.1,
)


def overfit(folder: Path) -> VideoUNet:
    """A model of two frames, trained on one clip in `folder`."""
    torch.manual_seed(0)
    latents = torch.stack([torch.zeros(2, 8, 8), torch.randn(2, 8, 8)]).half()
    clips = gather_clips(Codec(2, 8), [LatentEpisode(latents, "push the square", "one")], 2, shared_encoder())
    model = VideoUNet(frames=2, latent_channels=2, width=16, heads=2)
    return train_video(model, clips, load_preset("test"), SETTINGS, Run(folder, 0))


def launched(folder: Path, processes: int) -> dict[str, torch.Tensor]:
    """Weights that `processes` processes trained together on the CPU."""
    folder.mkdir()
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc_per_node", str(processes)]
    on_cpu = {**os.environ, "ACCELERATE_USE_CPU": "true", "OMP_NUM_THREADS": "1"}
    done = subprocess.run([*command, __file__, folder], env=on_cpu, capture_output=True, text=True, timeout=290)
    assert done.returncode == 0, done.stderr
    tensors, facts = read_tensors(folder / "weights.safetensors")
    assert facts["processes"] == str(processes)
    return tensors


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_two_processes_learn_what_one_learns(tmp_path: Path) -> None:
    together = launched(tmp_path / "two", processes=2)
    alone = overfit(tmp_path / "one").state_dict()
    for name, value in alone.items():
        torch.testing.assert_close(together[name], value, rtol=0, atol=1e-5)


def main() -> None:
    """Train in the folder given; every process gets here, one writes."""
    torch.set_num_threads(1)
    folder = Path(sys.argv[1])
    model = overfit(folder)
    processes = Processes()
    if processes.main:
        write_tensors(folder / "weights.safetensors", model.state_dict(), {"processes": str(processes.count)})
    processes.wait()


if __name__ == "__main__":
    main()
