"""Which network infers actions, and what it predicts."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Literal

from adapt_core.types import ActionSpace
from pydantic import Field, NonNegativeInt, PositiveInt


class PoseTarget(StrEnum):
    """What is predicted of the end effector, for the space `end_effector`."""

    DISPLACEMENT = "displacement"  # x y z [m] from frame to frame, gripper opening: 4 numbers
    POSE = "pose"  # x y z [m] and rotation vector [rad] at the second frame, gripper opening: 7 numbers


@dataclass(frozen=True, kw_only=True)
class _Predicted:
    """What is predicted from two frames.

    `raw_dim` is how many numbers an action of the space `raw` has (0 for `end_effector`). The two frames of a training
    pair are `frame_skip` recorded ones apart: as far as the frames of a plan, where demonstrations were recorded faster.
    """

    space: ActionSpace
    raw_dim: NonNegativeInt = 0
    target: PoseTarget = PoseTarget.DISPLACEMENT
    frame_skip: PositiveInt = 1

    @property
    def oriented(self) -> bool:
        """Whether an orientation is predicted."""
        return self.space is ActionSpace.END_EFFECTOR and self.target is PoseTarget.POSE

    @property
    def targets(self) -> int:
        """How many numbers are predicted."""
        return self.raw_dim if self.space is ActionSpace.RAW else 7 if self.oriented else 4


@dataclass(frozen=True, kw_only=True)
class ConvolutionalSettings(_Predicted):
    """A small network that sees both frames, of this width; with `keypoints` it attends to as many places only."""

    kind: Literal["convolutional"]
    width: PositiveInt
    keypoints: PositiveInt | None = None


@dataclass(frozen=True, kw_only=True)
class Vc1Settings(_Predicted):
    """One linear layer on what the frozen VC-1 sees in each frame: `width` numbers.

    `file` is a local safetensors file with VC-1's weights (CC-BY-NC 4.0, from its authors).
    """

    kind: Literal["vc1"]
    file: str
    width: PositiveInt = 768


InverseDynamicsSettings = Annotated[ConvolutionalSettings | Vc1Settings, Field(discriminator="kind")]
