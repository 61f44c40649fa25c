"""Where things lie in a LeRobotDataset v3.0, and what its columns are called."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from adapt_core.types import END_EFFECTOR_DIM, ActionSpace

VERSION = "v3.0"
CAMERA = "observation.images.camera"
STATE = "observation.state"
ACTION = "action"
TIMESTAMP = "timestamp"
# What LeRobot has no column for. Policies read `observation*` and `action*` only, so these do not disturb them.
STAMP = "adapt.stamp_s"
CONTROL_STEP = "adapt.control_step"
SUCCESS = "adapt.success"  # 1, 0, or -1 where the world has no truth
# The same for columns of episodes.
EPISODE_META = "adapt/meta"  # the whole EpisodeMeta as JSON
LABEL = "adapt/label"
OPERATOR = "adapt/operator"

INFO_FILE = "meta/info.json"
STATS_FILE = "meta/stats.json"
TASKS_FILE = "meta/tasks.parquet"
EPISODES_FOLDER = "meta/episodes"
EPISODES_PATH = EPISODES_FOLDER + "/chunk-{chunk_index:03d}/file-{file_index:03d}.parquet"
DATA_PATH = "data/chunk-{chunk_index:03d}/file-{file_index:03d}.parquet"
VIDEO_PATH = "videos/{video_key}/chunk-{chunk_index:03d}/file-{file_index:03d}.mp4"
FILES_IN_CHUNK = 1000
DATA_FILE_MB = 100
VIDEO_FILE_MB = 200

END_EFFECTOR_NAMES = ["x", "y", "z", "qx", "qy", "qz", "qw", "gripper"]
_ARROW = {"float32": pa.float32(), "float64": pa.float64(), "int64": pa.int64(), "int8": pa.int8()}
_IMAGE = pa.struct([("bytes", pa.binary()), ("path", pa.string())])


@dataclass(frozen=True)
class FileIndex:
    """Position of a file among its kind: chunks hold FILES_IN_CHUNK files each."""

    chunk: int = 0
    file: int = 0

    def next(self) -> FileIndex:
        """The file after this one."""
        last = self.file == FILES_IN_CHUNK - 1
        return FileIndex(self.chunk + 1, 0) if last else FileIndex(self.chunk, self.file + 1)

    def path(self, template: str, video_key: str = "") -> str:
        """The path that `template` (one of the *_PATH constants, or a dataset's own) gives this file."""
        return template.format(chunk_index=self.chunk, file_index=self.file, video_key=video_key)


@dataclass(frozen=True)
class EpisodeShape:
    """What all episodes of one dataset share.

    `image_shape` (height, width) in pixels; `action_dim` numbers an action; `end_effector`: poses were recorded.
    """

    robot: str
    image_shape: tuple[int, int]
    action_space: ActionSpace
    action_dim: int
    end_effector: bool


def features(shape: EpisodeShape, camera: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """`features` of info.json; `camera` says how the images are stored (its `dtype`, and `info` of a video)."""
    height, width = shape.image_shape
    poses = shape.action_space is ActionSpace.END_EFFECTOR
    actions = END_EFFECTOR_NAMES if poses else [f"action_{i}" for i in range(shape.action_dim)]
    found = {CAMERA: {"shape": [height, width, 3], "names": ["height", "width", "channels"], **camera}}
    if shape.end_effector:
        found[STATE] = {"dtype": "float32", "shape": [END_EFFECTOR_DIM], "names": END_EFFECTOR_NAMES}
    found[ACTION] = {"dtype": "float32", "shape": [shape.action_dim], "names": actions}
    for name, dtype in {STAMP: "float64", CONTROL_STEP: "int64", SUCCESS: "int8", TIMESTAMP: "float32"}.items():
        found[name] = {"dtype": dtype, "shape": [1], "names": None}
    for name in ("frame_index", "episode_index", "index", "task_index"):
        found[name] = {"dtype": "int64", "shape": [1], "names": None}
    return found


def data_schema(columns: dict[str, dict[str, Any]]) -> pa.Schema:
    """The schema of data/*.parquet for the `features` of info.json; videos lie in files of their own."""
    return pa.schema([(name, _arrow_type(feature)) for name, feature in columns.items() if feature["dtype"] != "video"])


def _arrow_type(feature: dict[str, Any]) -> pa.DataType:
    if feature["dtype"] == "image":
        return _IMAGE
    number = _ARROW[feature["dtype"]]
    return number if feature["shape"] == [1] else pa.list_(number, feature["shape"][0])
