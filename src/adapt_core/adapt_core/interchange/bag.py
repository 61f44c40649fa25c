"""Episodes as ROS 2 bags in MCAP, one a folder: `ros2 bag play`, Foxglove, or `rosbags` plays them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from rosbags.interfaces import Connection, Qos, QosDurability, QosHistory, QosLiveliness, QosReliability, QosTime
from rosbags.rosbag2 import CompressionFormat, CompressionMode, StoragePlugin, Writer
from rosbags.typesys.store import Typestore

from adapt_core.durable import new_folder
from adapt_core.episode_store import EpisodeMeta, EpisodeSteps, EpisodeStore
from adapt_core.episode_store.meta import meta_bytes
from adapt_core.errors import ConfigError, StoreError
from adapt_core.interchange.bag_messages import Messages, load_typestore
from adapt_core.robots import load_robot

Progress = Callable[[int, int, str], None]  # (done, in all, what was done last)
_NS = 1_000_000_000
_FOREVER = QosTime(2147483647, 4294967295)


class BagTopic(NamedTuple):
    """A topic under the robot's namespace. `latched`: who joins late gets the last one, as in the graph."""

    name: str
    type: str
    latched: bool = False


IMAGE = BagTopic("image_raw/compressed", "sensor_msgs/msg/CompressedImage")
POSE = BagTopic("end_effector", "geometry_msgs/msg/PoseStamped")
GRIPPER = BagTopic("gripper_opening", "std_msgs/msg/Float64")
ACTION = BagTopic("action", "adapt_interfaces/msg/ActionChunk")
IN_DOMAIN_PROMPT = BagTopic("in_domain_prompt", "std_msgs/msg/String", latched=True)
PRIOR_PROMPT = BagTopic("prior_prompt", "std_msgs/msg/String", latched=True)
VIDEO_PLAN = BagTopic("video_plan", "adapt_interfaces/msg/VideoPlan", latched=True)
EPISODE_STATUS = BagTopic("episode_status", "adapt_interfaces/msg/EpisodeStatus", latched=True)
LABEL = BagTopic("label", "adapt_interfaces/msg/Label")


class Entry(NamedTuple):
    """A message, and when it was there: seconds on the world's clock."""

    topic: BagTopic
    stamp_s: float
    message: Any


def export_mcap(
    store: EpisodeStore,
    episodes: Sequence[EpisodeMeta],
    target: Path,
    lossless: bool = False,
    progress: Progress = lambda done, total, what: None,
) -> int:
    """Write each of `episodes` of `store` as the bag `target/<episode id>`, all of them or none; how many there are.

    Topics are named as in the graph, message definitions are embedded, stamps are those of the world's clock; a bag's own
    time begins when the episode did. Images are JPEG, or PNG when `lossless`. Episodes without a frame are left out.

    Raises StoreError where `target` holds something or an episode is damaged, StorageFullError.
    """
    chosen = [meta for meta in episodes if meta.frames]
    if not chosen:
        raise StoreError(f"there is no episode to export in {store.root}: choose others, or run some")
    types = load_typestore()
    with new_folder(target) as folder:
        for done, meta in enumerate(chosen):
            progress(done, len(chosen), meta.episode_id)
            _write(store, meta, folder / meta.episode_id, types, lossless)
        progress(len(chosen), len(chosen), "")
    return len(chosen)


def _write(store: EpisodeStore, meta: EpisodeMeta, path: Path, types: Typestore, lossless: bool) -> None:
    begin_ns = round(datetime.fromisoformat(meta.started_at).timestamp() * 1e6) * 1000
    connections: dict[BagTopic, Connection] = {}
    bag = Writer(path, version=Writer.VERSION_LATEST, storage_plugin=StoragePlugin.MCAP)
    bag.set_compression(CompressionMode.STORAGE, CompressionFormat.ZSTD)
    bag.set_custom_data("adapt_episode", meta_bytes(meta).decode())
    with bag:
        begin_s = None
        for topic, stamp_s, message in _entries(store, meta, Messages(types, meta, _frame_of(meta.robot)), lossless):
            begin_s = stamp_s if begin_s is None else begin_s
            if topic not in connections:
                connections[topic] = _connect(bag, topic, meta.robot, types)
            time_ns = begin_ns + round((stamp_s - begin_s) * _NS)
            bag.write(connections[topic], time_ns, types.serialize_cdr(message, topic.type))


def _entries(store: EpisodeStore, meta: EpisodeMeta, make: Messages, lossless: bool) -> Iterator[Entry]:
    """What there was to hear, in order."""
    steps = store.read_steps(meta.episode_id)
    stamps = [float(stamp_s) for stamp_s in steps.stamps_s]
    yield Entry(IN_DOMAIN_PROMPT, stamps[0], make.text(meta.in_domain_prompt))
    yield Entry(PRIOR_PROMPT, stamps[0], make.text(meta.prior_prompt))
    plans = _plans_by_frame(steps, meta.plans)
    for i, stamp_s in enumerate(stamps):
        [image] = store.read_frames(meta.episode_id, i, i + 1)
        yield Entry(IMAGE, stamp_s, make.image(image, stamp_s, lossless))
        if steps.end_effector is not None and not np.isnan(steps.end_effector[i]).any():
            yield Entry(POSE, stamp_s, make.pose(steps.end_effector[i], stamp_s))
            yield Entry(GRIPPER, stamp_s, make.number(steps.end_effector[i, 7]))
        for plan in plans.get(i, []):
            yield Entry(VIDEO_PLAN, stamp_s, make.plan(store.read_plan(meta.episode_id, plan)))
        if i < len(steps.actions):
            yield Entry(ACTION, stamp_s, make.action(steps.actions[i], stamp_s))
    yield Entry(EPISODE_STATUS, stamps[-1], make.status(str(store.root)))
    label = store.labels().get(meta.episode_id)
    if label is not None:
        yield Entry(LABEL, stamps[-1], make.label(label, str(store.root)))


def _plans_by_frame(steps: EpisodeSteps, plans: int) -> dict[int, list[int]]:
    """Which plans begin to be followed at which frame; those that never were come with the last."""
    found: dict[int, list[int]] = {}
    for plan in range(plans):
        followed = np.flatnonzero(steps.plan == plan)
        found.setdefault(int(followed[0]) if followed.size else len(steps.stamps_s) - 1, []).append(plan)
    return found


def _frame_of(robot: str) -> str:
    """The frame of the robot's poses; its name where no such robot is configured."""
    with suppress(ConfigError):
        return load_robot(robot).frame_id
    return robot


def _connect(bag: Writer, topic: BagTopic, robot: str, types: Typestore) -> Connection:
    durability = QosDurability.TRANSIENT_LOCAL if topic.latched else QosDurability.VOLATILE
    qos = Qos(
        QosHistory.KEEP_LAST, 10, QosReliability.RELIABLE, durability, _FOREVER, _FOREVER,
        QosLiveliness.AUTOMATIC, _FOREVER, False,
    )  # fmt: skip
    return bag.add_connection(f"/{robot}/{topic.name}", topic.type, typestore=types, offered_qos_profiles=[qos])
