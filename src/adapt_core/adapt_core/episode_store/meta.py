"""What is known of an episode: `meta.json`."""

from __future__ import annotations

import json
import uuid
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from adapt_core.errors import StoreError
from adapt_core.types import ActionSpace, ControlLoop, Outcome

SCHEMA_VERSION = 1
META_FILE = "meta.json"


@dataclass(frozen=True)
class EpisodeHeader:
    """What is known of an episode when it begins.

    `run_id`, `iteration` and `index` place it in a SAIL run; `method` is how actions were chosen (a planner's name,
    "demonstration", "random"); versions name what chose them; `image_shape` is (height, width) in pixels.
    """

    run_id: str
    iteration: int
    index: int
    robot: str
    suite: str
    task_id: str
    in_domain_prompt: str
    prior_prompt: str
    novel: bool
    seed: int
    method: str
    weights_version: str
    inverse_dynamics_version: str
    code_version: str
    control_loop: ControlLoop
    action_space: ActionSpace
    frame_skip: int
    image_shape: tuple[int, int]


@dataclass(frozen=True)
class EpisodeMeta(EpisodeHeader):
    """What is known of a stored episode: its header, its end, and how many frames and plans it has.

    `started_at` is UTC in ISO 8601; `success` the world's truth, None where only a person can tell; `reason` why it ended
    before it was solved or its steps were used up, empty where it did not.
    """

    episode_id: str
    started_at: str
    outcome: Outcome
    reason: str
    success: bool | None
    frames: int
    plans: int
    schema_version: int = SCHEMA_VERSION

    @property
    def steps(self) -> int:
        """Actions executed: one fewer than frames."""
        return max(0, self.frames - 1)


HEADER = TypeAdapter(EpisodeHeader)
META = TypeAdapter(EpisodeMeta)


def new_episode_id() -> str:
    """A name that sorts by time and is unique across processes and machines."""
    return f"{datetime.now(UTC):%Y%m%dT%H%M%S%f}Z-{uuid.uuid4().hex[:8]}"


def started_at(episode_id: str) -> str:
    """The time within an episode's id, UTC in ISO 8601. Raises StoreError when it is no such id."""
    try:
        return datetime.strptime(episode_id.partition("-")[0], "%Y%m%dT%H%M%S%fZ").replace(tzinfo=UTC).isoformat()
    except ValueError as error:
        raise StoreError(f'"{episode_id}" is no episode id: ids look like 20260131T235959000000Z-0123abcd') from error


def meta_bytes(meta: EpisodeMeta) -> bytes:
    """The content of `meta.json`."""
    return (json.dumps(asdict(meta), indent=1, ensure_ascii=False) + "\n").encode()


def read_meta(folder: Path) -> EpisodeMeta:
    """The meta data of the episode in `folder`. Raises StoreError when unreadable, or written by a newer version."""
    try:
        meta = META.validate_json((folder / META_FILE).read_bytes(), strict=True)
    except (OSError, ValidationError) as error:
        raise StoreError(f"episode {folder.name} is damaged: {META_FILE} is unreadable ({error})") from error
    if meta.schema_version > SCHEMA_VERSION:
        raise StoreError(
            f"episode {folder.name} was written by a newer adapt (schema {meta.schema_version}, known here: "
            f"{SCHEMA_VERSION}): update this installation"
        )
    return meta
