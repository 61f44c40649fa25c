"""Is a file a whole safetensors file? Its header tells, no tensor library needed."""

from __future__ import annotations

import json
import struct
from pathlib import Path

_MAX_HEADER = 100_000_000  # bytes; the format's own limit


def problem_with(path: Path) -> str | None:
    """What is wrong with `path` as a safetensors file (8-byte length, JSON header, tensors); None if nothing is."""
    size = path.stat().st_size
    with path.open("rb") as file:
        start = file.read(8)
        if len(start) < 8:
            return f"is too short for safetensors ({size} bytes)"
        (length,) = struct.unpack("<Q", start)
        if length > min(_MAX_HEADER, size - 8):
            return "has no safetensors header, or is cut off within it"
        try:
            header = json.loads(file.read(length))
            ends = [entry["data_offsets"][1] for name, entry in header.items() if name != "__metadata__"]
        except (ValueError, AttributeError, KeyError, TypeError, IndexError):
            return "has no safetensors header"
    expected = 8 + length + max(ends, default=0)
    return None if size == expected else f"has {size} bytes where its header announces {expected}: it is cut off"
