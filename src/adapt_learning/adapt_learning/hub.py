"""Networks of other people: from a folder, the hub's cache or the hub, in safetensors only.

A source is a folder laid out as the hub lays it out, or a hub id "owner/name", "owner/name@revision" for a fixed one.
What the cache holds is taken from there without asking the network.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import torch
from adapt_core.errors import WeightsError

_HUB_ID = re.compile(r"[\w.-]+/[\w.-]+(@[\w./-]+)?")
_PATIENCE_S = 5.0
_UNREADABLE = "the weights are damaged or of another model: copy or download them again, or name another"


def locate(source: str, subfolder: str, needed: Sequence[str], optional: Sequence[str] = ()) -> Path:
    """The folder `subfolder` of `source` with the files `needed` in it and those of `optional` that there are.

    Raises WeightsError when the source is no folder and cannot be downloaded, or lacks a needed file.
    """
    folder = Path(source).expanduser()
    if not source or not folder.is_dir():
        if not _HUB_ID.fullmatch(source):
            raise WeightsError(f'"{source}" is neither a folder nor a hub id such as "owner/name": correct it')
        folder = _from_hub(source, subfolder, needed, optional)
    folder = folder / subfolder
    for name in needed:
        if not (folder / name).is_file():
            raise WeightsError(_missing(source, folder, subfolder, name))
    return folder


def load_network(kind: Any, source: str, subfolder: str, dtype: torch.dtype) -> Any:
    """A network of class `kind` (diffusers' or transformers') in evaluation mode, on the CPU, in `dtype`.

    Raises WeightsError when it cannot be had, is damaged, or does not hold every weight that its configuration asks for.
    """
    folder = locate(source, subfolder, ["config.json", _weights_file(kind)])
    try:
        with quiet():
            network, report = kind.from_pretrained(
                folder, dtype=dtype, use_safetensors=True, local_files_only=True, output_loading_info=True
            )
            network = network.to(dtype)  # buffers too
    except Exception as error:  # both libraries raise whatever came up inside
        raise WeightsError(
            f"{folder} cannot be loaded as {kind.__name__} ({_first_line(error)}): {_UNREADABLE}"
        ) from error
    missing = sorted(set(report["missing_keys"]) & {name for name, _ in network.named_parameters()})
    if missing:
        lack = f"lacks {len(missing)} of {kind.__name__}'s weights (the first is {missing[0]})"
        raise WeightsError(f"{folder} {lack}: {_UNREADABLE}")
    return network.eval()


@contextmanager
def quiet() -> Iterator[None]:
    """Without the progress bars and warnings of diffusers and transformers; errors are still raised."""
    from diffusers.utils import logging as diffusers_logging
    from transformers.utils import logging as transformers_logging

    with ExitStack() as stack:
        for logging in (diffusers_logging, transformers_logging):
            stack.callback(logging.set_verbosity, logging.get_verbosity())
            logging.set_verbosity_error()
            if logging.is_progress_bar_enabled():
                stack.callback(logging.enable_progress_bar)
                logging.disable_progress_bar()
        yield


def _from_hub(source: str, subfolder: str, needed: Sequence[str], optional: Sequence[str]) -> Path:
    """The snapshot's folder: the cached one if it holds all of `needed`, else downloaded."""
    prefix = f"{subfolder}/" if subfolder else ""
    patterns = [prefix + name for name in (*needed, *optional)]
    cached = _snapshot(source, patterns, offline=True)
    if isinstance(cached, Path):
        found = [name for name in patterns if (cached / name).is_file()]
        if found and set(found).issuperset(prefix + name for name in needed):
            return cached
    downloaded = _snapshot(source, patterns, offline=False)
    if isinstance(downloaded, Path):
        return downloaded
    raise WeightsError(
        f"{source} cannot be downloaded ({_first_line(downloaded)}): go online, correct the id, or name a folder with a copy"
    ) from downloaded


def _snapshot(source: str, patterns: list[str], offline: bool) -> Path | Exception:
    from huggingface_hub import snapshot_download

    name, _, revision = source.partition("@")
    try:
        found = snapshot_download(
            name,
            revision=revision or None,
            allow_patterns=patterns,
            local_files_only=offline,
            etag_timeout=_PATIENCE_S,
        )
    except Exception as error:  # no network, no such model, no permission, full disk: each its own class
        return error
    return Path(found)


def _missing(source: str, folder: Path, subfolder: str, name: str) -> str:
    place = f"{subfolder}/{name}" if subfolder else name
    pickles = sorted(path.name for path in folder.glob("*.bin")) + sorted(path.name for path in folder.glob("*.ckpt"))
    if name.endswith(".safetensors") and pickles:
        how = "convert it once with from_pretrained(...).save_pretrained(..., safe_serialization=True)"
        return f"{source} has {pickles[0]} but no {place}, and pickled weights are never opened: {how}, or take another source"
    add = (
        "copy the missing part there"
        if source and Path(source).is_dir()
        else "go online if only a part of it is cached here"
    )
    return f"{source} has no {place}: {add}, or name a source that is complete (in safetensors)"


def _weights_file(kind: Any) -> str:
    from transformers import PreTrainedModel

    return "model.safetensors" if issubclass(kind, PreTrainedModel) else "diffusion_pytorch_model.safetensors"


def _first_line(error: Exception) -> str:
    lines = str(error).strip().splitlines()
    return lines[0] if lines else type(error).__name__
