"""Tensors in one safetensors file that is there whole or not at all."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from adapt_core.durable import full_disk_named, replacing
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

_SYSTEM_ERROR = re.compile(r"\(os error (\d+)\)")


def write_tensors(path: Path, tensors: Mapping[str, Tensor], facts: Mapping[str, str]) -> None:
    """Replace `path` by `tensors`, from whichever device, with `facts` as its metadata. One writer at a time.

    Raises StorageFullError on a full disk; what was at `path` before is whole then.
    """
    on_cpu = {name: value.detach().cpu().contiguous() for name, value in tensors.items()}
    with full_disk_named(str(path)):
        path.parent.mkdir(parents=True, exist_ok=True)
        with replacing(path) as temporary:
            try:
                save_file(on_cpu, temporary, dict(facts))
            except SafetensorError as error:
                raise _system_error(error) from error
            temporary.chmod(0o644)  # safetensors writes files that only their owner may read


def read_tensors(path: Path) -> tuple[dict[str, Tensor], dict[str, str]]:
    """The tensors of a file, on the CPU, and its metadata. Raises FileNotFoundError, OSError, SafetensorError."""
    with safe_open(path, "pt") as file:
        return {name: file.get_tensor(name) for name in file.keys()}, file.metadata() or {}  # noqa: SIM118 - not a mapping


def read_facts(path: Path) -> dict[str, str]:
    """The metadata of a file alone. Raises as `read_tensors` does."""
    with safe_open(path, "pt") as file:
        return file.metadata() or {}


def _system_error(error: SafetensorError) -> Exception:
    """The system's error within one of safetensors, which says its number in words only."""
    found = _SYSTEM_ERROR.search(str(error))
    return OSError(int(found[1]), str(error)) if found else error
