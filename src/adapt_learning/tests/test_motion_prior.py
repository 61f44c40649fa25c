"""AnimateDiff and AnimateLCM put together from their parts, and parts that do not fit."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from adapt_core.errors import WeightsError
from adapt_learning.priors.animatediff import AnimateDiffSettings, load_animatediff
from adapt_learning.priors.animatelcm import AnimateLcmSettings, load_animatelcm
from adapt_learning.priors.motion_prior import make_motion_prior, with_motion
from adapt_learning.priors.random_pipeline import FULL_SIZE, RandomPipeline
from adapt_learning.priors.sparse_control import FirstFrameControl
from adapt_learning.video_prior import VideoPrior
from diffusers import MotionAdapter, SparseControlNetModel, UNet2DConditionModel
from safetensors.torch import save_file
from torch import Tensor

TO_Q = "down_blocks.0.attentions.0.transformer_blocks.0.attn1.to_q"


@pytest.fixture(scope="module")
def prior(tiny_animatediff: AnimateDiffSettings) -> VideoPrior:
    return load_animatediff(tiny_animatediff, "cpu", torch.float32)


def test_what_the_prior_says_of_itself(prior: VideoPrior, tiny_pipeline: RandomPipeline) -> None:
    counts = tiny_pipeline.parameters()
    assert (prior.space, prior.context_frames) == ("stable-diffusion-1.5", 1)
    assert prior.parameters == sum(counts.values()) - counts["vae"]


def write_lora(path: Path, name: str, up: str, down: str) -> Tensor:
    """A LoRA of rank 2 for `TO_Q`, named in two ways -> its product."""
    factors = torch.randn(16, 2), torch.randn(2, 16)
    path.parent.mkdir(parents=True, exist_ok=True)
    save_file({name + up: factors[0], name + down: factors[1]}, path)
    return factors[0] @ factors[1]


def test_the_motion_lora_is_fused_at_its_scale(
    tiny_animatediff: AnimateDiffSettings, prior: VideoPrior, tmp_path: Path
) -> None:
    name = "unet." + TO_Q.replace("to_q", "processor.to_q")
    product = write_lora(tmp_path / "diffusion_pytorch_model.safetensors", name, "_lora.up.weight", "_lora.down.weight")
    settings = replace(tiny_animatediff, motion_lora=str(tmp_path), motion_lora_scale=0.5)
    fused = load_animatediff(settings, "cpu", torch.float32)
    assert_added(prior, fused, 0.5 * product)


def test_animatelcm_is_the_same_with_its_own_lora(
    tiny_pipeline_folder: Path, prior: VideoPrior, tmp_path: Path
) -> None:
    lcm = Path(shutil.copytree(tiny_pipeline_folder / "motion_adapter", tmp_path / "AnimateLCM"))
    name = "lora_unet_" + TO_Q.replace(".", "_")
    product = write_lora(lcm / "AnimateLCM_sd15_t2v_lora.safetensors", name, ".lora_up.weight", ".lora_down.weight")
    settings = AnimateLcmSettings(
        "animatelcm",
        base=str(tiny_pipeline_folder / "base"),
        motion_adapter=str(lcm),
        lcm_lora=str(lcm),
        sparse_control=str(tiny_pipeline_folder / "sparse_control"),
    )
    assert_added(prior, load_animatelcm(settings, "cpu", torch.float32), 0.8 * product)


def assert_added(plain: VideoPrior, fused: VideoPrior, difference: Tensor) -> None:
    before, after = (prior.denoiser.unet.state_dict() for prior in (plain, fused))
    changed = [name for name in before if not torch.equal(before[name], after[name])]
    assert changed == [f"{TO_Q}.weight"]
    torch.testing.assert_close(after[changed[0]], before[changed[0]] + difference)


@pytest.mark.parametrize(
    ("part", "reason"),
    [
        ("adapter", "motion adapter does not fit"),
        ("layers", "motion adapter does not fit"),
        ("scribble", "take the RGB one"),
        ("control", "SparseCtrl is of shape"),
        ("text", "the text encoder gives 32 features"),
        ("inpainting", "reads 9 channels"),
    ],
)
def test_parts_that_do_not_fit_are_refused(tiny_pipeline: RandomPipeline, part: str, reason: str) -> None:
    unet, adapter, control = tiny_pipeline.unet, tiny_pipeline.motion_adapter, tiny_pipeline.sparse_control
    match part:
        case "adapter":
            adapter = MotionAdapter(**{**adapter.config, "block_out_channels": (32, 32)})
        case "layers":
            adapter = MotionAdapter(**{**adapter.config, "motion_layers_per_block": 2})
        case "scribble":
            control = SparseControlNetModel(**{**control.config, "use_simplified_condition_embedding": False})
        case "control":
            control = SparseControlNetModel(**{**control.config, "layers_per_block": 2})
        case "text":
            unet = UNet2DConditionModel(**{**unet.config, "cross_attention_dim": 48})
        case "inpainting":
            unet = UNet2DConditionModel(**{**unet.config, "in_channels": 9})
    encoder = tiny_pipeline.prior().encoder
    with pytest.raises(WeightsError, match=reason):
        make_motion_prior(with_motion(unet, adapter), FirstFrameControl(control, 1.0), encoder, "cpu")


def test_the_full_size_is_that_of_the_public_models() -> None:
    counts = RandomPipeline(FULL_SIZE, "meta").parameters()
    assert counts == {
        "unet": 859_520_964,
        "motion_adapter": 417_137_600,
        "sparse_control": 496_730_880,
        "text_encoder": 123_060_480,
        "vae": 83_653_863,
    }
    assert sum(counts.values()) == 1_980_103_787
