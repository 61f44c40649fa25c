"""Messages of the graph without ROS: their definitions, and what is stored turned into them.

`adapt_ros/convert` does the same with ROS's own classes.
"""

from __future__ import annotations

import math
from datetime import datetime
from importlib.resources import files
from typing import Any

import numpy as np
from rosbags.typesys import Stores, get_types_from_msg, get_typestore
from rosbags.typesys.store import Typestore

from adapt_core.episode_store import EpisodeMeta, Label
from adapt_core.images import encode_jpeg, encode_png
from adapt_core.types import Image, Vector, VideoPlan

_NS = 1_000_000_000
_OWN = ("ActionChunk", "EpisodeStatus", "Label", "VideoPlan")
_SUCCESS = {None: 0, False: 1, True: 2}  # UNKNOWN, NOT_SOLVED, SOLVED of Observation.msg


def load_typestore() -> Typestore:
    """ROS 2 Jazzy's messages and those of adapt_interfaces that a bag holds."""
    store = get_typestore(Stores.ROS2_JAZZY)
    for name in _OWN:
        text = (files("adapt_core.interchange") / "messages" / f"{name}.msg").read_text(encoding="utf-8")
        store.register(get_types_from_msg(text, f"adapt_interfaces/msg/{name}"))
    return store


class Messages:
    """Makes messages for one episode; poses are in the frame `frame_id`."""

    def __init__(self, typestore: Typestore, meta: EpisodeMeta, frame_id: str) -> None:
        self._types = typestore.types
        self._meta = meta
        self._frame_id = frame_id

    def image(self, image: Image, stamp_s: float, lossless: bool) -> Any:
        """An image (h, w, 3) uint8 RGB, compressed."""
        data, name = (encode_png(image), "png") if lossless else (encode_jpeg(image), "jpeg")
        return self._new("sensor_msgs/msg/CompressedImage", self._header(stamp_s, "camera"), name, _octets(data))

    def pose(self, end_effector: Vector, stamp_s: float) -> Any:
        """The pose within (8,)."""
        position = self._new("geometry_msgs/msg/Point", *map(float, end_effector[:3]))
        orientation = self._new("geometry_msgs/msg/Quaternion", *map(float, end_effector[3:7]))
        pose = self._new("geometry_msgs/msg/Pose", position, orientation)
        return self._new("geometry_msgs/msg/PoseStamped", self._header(stamp_s, self._frame_id), pose)

    def number(self, value: float) -> Any:
        """A number alone."""
        return self._new("std_msgs/msg/Float64", float(value))

    def text(self, text: str) -> Any:
        """Words alone."""
        return self._new("std_msgs/msg/String", text)

    def action(self, action: Vector, stamp_s: float) -> Any:
        """An action (d,), inferred from what was seen at `stamp_s`, as a chunk of one."""
        return self._new(
            "adapt_interfaces/msg/ActionChunk",
            header=self._header(stamp_s, self._frame_id),
            space=self._meta.action_space.value,
            frame_skip=self._meta.frame_skip,
            dimension=len(action),
            actions=action,
        )

    def plan(self, plan: VideoPlan) -> Any:
        """An imagined video."""
        return self._new(
            "adapt_interfaces/msg/VideoPlan",
            header=self._header(plan.stamp_s),
            frames=[self._raw_image(frame, plan.stamp_s) for frame in plan.frames],
            in_domain_prompt=plan.in_domain_prompt,
            prior_prompt=plan.prior_prompt,
            seed=plan.seed,
            weights_version=plan.weights_version,
        )

    def status(self, store: str) -> Any:
        """How the episode ended, as it stands in the folder `store`."""
        same = ("episode_id", "task_id", "run_id", "iteration", "index", "reason", "steps")
        return self._new(
            "adapt_interfaces/msg/EpisodeStatus",
            **{name: getattr(self._meta, name) for name in same},
            store=store,
            outcome=self._meta.outcome.value,
            success=_SUCCESS[self._meta.success],
        )

    def label(self, label: Label, store: str) -> Any:
        """A judgement of the episode."""
        return self._new(
            "adapt_interfaces/msg/Label",
            stamp=self._time(datetime.fromisoformat(label.time).timestamp()),
            store=store,
            episode_id=label.episode,
            value=label.value.value,
            operator_name=label.operator,
        )

    def _raw_image(self, image: Image, stamp_s: float) -> Any:
        height, width, _ = image.shape
        pixels = np.ascontiguousarray(image).reshape(-1)
        return self._new("sensor_msgs/msg/Image", self._header(stamp_s), height, width, "rgb8", 0, 3 * width, pixels)

    def _header(self, stamp_s: float, frame_id: str = "") -> Any:
        return self._new("std_msgs/msg/Header", self._time(stamp_s), frame_id)

    def _time(self, stamp_s: float) -> Any:
        whole = math.floor(stamp_s)
        nanoseconds = round((stamp_s - whole) * _NS)
        return self._new("builtin_interfaces/msg/Time", whole + nanoseconds // _NS, nanoseconds % _NS)

    def _new(self, name: str, *fields: Any, **named: Any) -> Any:
        return self._types[name](*fields, **named)


def _octets(data: bytes) -> Any:
    return np.frombuffer(data, np.uint8)
