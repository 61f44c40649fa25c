"""Which encoder reads the prompts of the in-domain model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field


@dataclass(frozen=True)
class MiniLmSettings:
    """The sentence encoder that comes as a wheel."""

    kind: Literal["minilm"]


@dataclass(frozen=True)
class ClipSettings:
    """CLIP's text encoder; `model` is a hub id, with a revision after "@" if any, or a folder.

    The revision named here is the pull request that adds safetensors to a repository of pickles.
    """

    kind: Literal["clip"]
    model: str = "openai/clip-vit-base-patch32@refs/pr/15"


TextSettings = Annotated[MiniLmSettings | ClipSettings, Field(discriminator="kind")]
