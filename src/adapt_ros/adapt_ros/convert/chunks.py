"""Action chunks."""

from __future__ import annotations

from array import array

import numpy as np
from adapt_core.types import END_EFFECTOR_DIM, ActionChunk, ActionSpace

from adapt_interfaces import msg
from adapt_ros.convert.stamps import from_time, to_time


def to_chunk(chunk: ActionChunk) -> msg.ActionChunk:
    """Actions become row-major."""
    actions = np.ascontiguousarray(chunk.actions, np.float64)  # (n, d)
    message = msg.ActionChunk(space=chunk.space.value, frame_skip=chunk.frame_skip, dimension=actions.shape[1])
    message.header.stamp = to_time(chunk.stamp_s)
    message.header.frame_id = chunk.frame_id
    message.actions = array("d", actions.tobytes())
    return message


def from_chunk(message: msg.ActionChunk) -> ActionChunk:
    """Raises ValueError for a space that does not exist or a length that is no multiple of the dimension."""
    space = ActionSpace(message.space)
    if not message.dimension or len(message.actions) % message.dimension:
        raise ValueError(f"{len(message.actions)} numbers are no actions of dimension {message.dimension}")
    if space is ActionSpace.END_EFFECTOR and message.dimension != END_EFFECTOR_DIM:
        raise ValueError(f"end-effector actions have {END_EFFECTOR_DIM} numbers each, these have {message.dimension}")
    actions = np.frombuffer(message.actions, np.float64).reshape(-1, message.dimension).copy()
    return ActionChunk(space, actions, message.frame_skip, message.header.frame_id, from_time(message.header.stamp))
