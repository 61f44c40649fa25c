"""Against the real `lerobot`, which does not go into one environment with our pins.

Run with LEROBOT_PYTHON naming a Python where `pip install 'lerobot[dataset]'` was done.
"""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from adapt_core.episode_store import EpisodeStore

pytest.importorskip("av", reason="needs pip install 'adapt[interchange]'")
from adapt_core.interchange.lerobot import export_lerobot, import_lerobot

PYTHON = os.environ.get("LEROBOT_PYTHON")
pytestmark = [
    pytest.mark.skipif(PYTHON is None, reason="LEROBOT_PYTHON names no Python with lerobot (its pins exclude ours)"),
    pytest.mark.timeout(300),
]


def lerobot(*arguments: str | Path) -> None:
    environment = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")} | {"HF_HUB_OFFLINE": "1"}
    command = [str(PYTHON), str(Path(__file__).with_name("lerobot_peer.py")), *map(str, arguments)]
    result = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=250)
    assert result.returncode == 0, result.stderr[-3000:]


@pytest.mark.parametrize("lossless", [False, True])
def test_lerobot_reads_what_we_write(store: EpisodeStore, tmp_path: Path, make: Any, lossless: bool) -> None:
    export_lerobot(store, store.episodes(), tmp_path / "out", lossless)
    lerobot("read", tmp_path / "out", tmp_path / "read.npz")
    read = np.load(tmp_path / "read.npz")
    for index, meta in enumerate(store.episodes()):
        mine = read["episodes"] == index
        assert make.psnr(store.read_frames(meta.episode_id), read["frames"][mine]) > (100 if lossless else 35)
        actions = store.read_steps(meta.episode_id).actions.astype(np.float32)
        assert np.array_equal(read["actions"][mine][:-1], actions)
        assert set(read["tasks"][mine]) == {meta.in_domain_prompt}
    assert read["successes"].tolist() == [0]
    assert np.allclose(read["mean"], read["frames"].mean(axis=(0, 1, 2)) / 255, atol=0.01)


def test_we_read_what_lerobot_writes(tmp_path: Path) -> None:
    lerobot("write", tmp_path / "theirs")
    assert import_lerobot(tmp_path / "theirs", tmp_path / "taken") == 2
    store = EpisodeStore(tmp_path / "taken")
    for index, meta in enumerate(store.episodes()):
        grey = 20 * np.arange(7) + 100 * index
        assert np.abs(store.read_frames(meta.episode_id).mean(axis=(1, 2, 3)) - grey).max() < 3
        assert np.array_equal(store.read_steps(meta.episode_id).actions[:, 0], np.arange(6) + 10.0 * index)
        assert (meta.prior_prompt, meta.robot) == ("Fold it.", "so101")
