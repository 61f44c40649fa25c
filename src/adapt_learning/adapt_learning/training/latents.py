"""Latents of whole episodes, encoded once: across the iterations of a run, and across processes."""

from __future__ import annotations

import hashlib
import logging
from collections import OrderedDict
from collections.abc import Callable, Iterable
from pathlib import Path

import torch
from adapt_core.durable import exclusive
from adapt_core.types import Frames
from safetensors import SafetensorError, safe_open
from torch import Tensor, nn

from adapt_learning.codec import to_frames, to_images
from adapt_learning.latent_codec import LatentCodec
from adapt_learning.preset import CODEC_FACTOR
from adapt_learning.tensor_file import write_tensors
from adapt_learning.training.episodes import Episode

CACHED_EPISODES = 2_000  # in memory: about 0.15 MB each at 50 frames of 128 pixels
_PIXELS = 64 * 128 * 128  # at once
_KEY = "latents"
_log = logging.getLogger(__name__)


class LatentCache:
    """Latents (t + 1, c, h, w) float16 on the CPU, by episode id: in memory, and below `folder` a file each.

    Files lie in a folder named after the codec's weights. They are there whole or not at all.
    """

    def __init__(self, codec: LatentCodec, folder: Path | None, kept: int = CACHED_EPISODES) -> None:
        """Without `folder`, or for an episode without id, only memory is used; `kept` episodes are held there."""
        self.codec = codec
        self._folder = folder / codec_identity(codec) if folder is not None else None
        self._kept, self._latents = kept, OrderedDict[str, Tensor]()

    def of(self, episode_id: str, read: Callable[[], Frames]) -> Tensor:
        """The latents of an episode; `read` gives its frames (t + 1, h, w, 3) where they are not encoded yet.

        Raises what `read` raises, and StorageFullError.
        """
        if episode_id not in self._latents:
            self._latents[episode_id] = self._stored(episode_id, read)
            if len(self._latents) > self._kept:
                self._latents.popitem(last=False)
        self._latents.move_to_end(episode_id)
        return self._latents[episode_id]

    def of_episode(self, episode: Episode) -> Tensor:
        """The same of an episode that was read already."""
        return self.of(episode.id, lambda: episode.frames) if episode.id else encode_frames(self.codec, episode.frames)

    @torch.no_grad()
    def drawn(self, latents: Tensor, noise: float, generator: torch.Generator) -> Tensor:
        """Frames (n, h, w, 3) uint8 as the codec would draw `latents` (n, c, h', w'), off by `noise`."""
        images = []
        height, width = CODEC_FACTOR * latents.shape[2], CODEC_FACTOR * latents.shape[3]
        for part in latents.split(_at_once(height, width)):
            wrong = part.float() + noise * torch.randn(part.shape, generator=generator)
            images.append(torch.from_numpy(to_frames(self.codec.decode(wrong.to(self.codec.device)))))
        return torch.cat(images)

    def _stored(self, episode_id: str, read: Callable[[], Frames]) -> Tensor:
        if self._folder is None:
            return encode_frames(self.codec, read())
        path = self._folder / f"{episode_id}.safetensors"
        latents = _read(path)
        if latents is None:
            latents = encode_frames(self.codec, read())
            self._folder.mkdir(parents=True, exist_ok=True)
            with exclusive(self._folder / ".lock"):
                write_tensors(path, {_KEY: latents}, {"episode": episode_id})
        return latents


@torch.no_grad()
def encode_frames(codec: LatentCodec, frames: Frames) -> Tensor:
    """Latents (t + 1, c, h, w) float16, on the CPU, of `frames` (t + 1, h, w, 3) uint8."""
    parts = torch.arange(len(frames)).split(_at_once(*frames.shape[1:3]))
    return torch.cat(
        [codec.encode(to_images(frames[part[0] : part[-1] + 1]).to(codec.device)).cpu().half() for part in parts]
    )


def _at_once(height: int, width: int) -> int:
    """How many images of so many pixels are encoded or drawn together."""
    return max(1, _PIXELS // (height * width))


def codec_identity(codec: LatentCodec) -> str:
    """A short name of the codec's weights: equal weights, equal name."""
    digest = hashlib.blake2b(codec.space.encode(), digest_size=8)
    for module in _modules(codec):
        for name, value in sorted(module.state_dict().items()):
            digest.update(name.encode())
            digest.update(value.detach().cpu().contiguous().view(-1).view(torch.uint8).numpy().data)
    return f"{codec.space}-{digest.hexdigest()}"


def _modules(codec: LatentCodec) -> Iterable[nn.Module]:
    """The codec itself where it is a network, else the networks that it wraps."""
    return (
        [codec]
        if isinstance(codec, nn.Module)
        else [value for value in vars(codec).values() if isinstance(value, nn.Module)]
    )


def _read(path: Path) -> Tensor | None:
    """The latents in `path`; None where there is no such file, or not a whole one."""
    if not path.exists():
        return None
    try:
        with safe_open(path, "pt") as file:
            latents: Tensor = file.get_tensor(_KEY)
            return latents
    except (SafetensorError, OSError) as error:
        _log.warning("%s is made again: %s", path, error)
        return None
