"""What arrives within a few seconds, kept for judging."""

from __future__ import annotations

import statistics
import threading
import time
from typing import Any

from adapt_core.errors import ImageError
from adapt_ros.convert import from_image, from_time
from adapt_ros.endpoints import Topic
from adapt_ros.interfaces import IMAGE, SENSOR, heartbeat
from adapt_ros.node import AdaptNode
from sensor_msgs.msg import JointState

from adapt_cli.preflight.facts import Images, JointsHeard, Sender
from adapt_interfaces.msg import Heartbeat


class Listening:
    """Subscribes when told to, on a node that spins in another thread."""

    def __init__(self, node: AdaptNode) -> None:
        self._node = node
        self._lock = threading.Lock()
        self._subscriptions: dict[str, Any] = {}
        self._senders: dict[str, Sender] = {}
        self._stamps_s: list[float] = []
        self._ages_s: list[float] = []
        self._shapes: set[tuple[int, int]] = set()
        self._problem = ""
        self._positions: dict[str, float] = {}
        self._joint_ages_s: list[float] = []

    def to_heartbeats(self) -> set[str]:
        """Of every node that has any; those nodes' full names."""
        kind = "adapt_interfaces/msg/Heartbeat"
        suffix = "/heartbeat"
        names = {
            name.removesuffix(suffix)
            for name, types in self._node.get_topic_names_and_types()
            if kind in types and name.endswith(suffix) and "/_" not in name and self._node.count_publishers(name)
        }
        for name in names - self._subscriptions.keys():
            self._subscriptions[name] = heartbeat(name).subscription(self._node, self._on_heartbeat)
        return names

    def to_images(self) -> None:
        """Of the graph's camera."""
        self._subscriptions["image"] = IMAGE.subscription(self._node, self._on_image)

    def to_joints(self, joint_states: Topic) -> None:
        """However its publisher sends them."""
        self._subscriptions["joints"] = Topic(joint_states.name, JointState, SENSOR).subscription(
            self._node, self._on_joints
        )

    def senders(self) -> dict[str, Sender]:
        """By full node name."""
        with self._lock:
            return dict(self._senders)

    def images(self) -> Images | None:
        """None when none came."""
        with self._lock:
            if not self._ages_s:
                return None
            between = [later - earlier for earlier, later in zip(self._stamps_s, self._stamps_s[1:], strict=False)]
            period_s = statistics.median(between) if between else None
            return Images(frozenset(self._shapes), period_s, min(self._ages_s), self._problem)

    def joints(self) -> JointsHeard | None:
        """None when none came."""
        with self._lock:
            return JointsHeard(dict(self._positions), min(self._joint_ages_s)) if self._joint_ages_s else None

    def _on_heartbeat(self, beat: Heartbeat) -> None:
        behind_s = time.time() - from_time(beat.stamp)
        with self._lock:
            known = self._senders.get(beat.node)
            least_s = behind_s if known is None else min(behind_s, known.behind_s)
            self._senders[beat.node] = Sender(beat.machine, beat.rmw, least_s)

    def _on_image(self, message: Any) -> None:
        age_s = time.time() - from_time(message.header.stamp)
        problem = ""
        try:
            from_image(message)
        except ImageError as error:
            problem = str(error)
        with self._lock:
            self._stamps_s.append(from_time(message.header.stamp))
            self._ages_s.append(age_s)
            self._shapes.add((message.height, message.width))
            self._problem = self._problem or problem

    def _on_joints(self, message: JointState) -> None:
        with self._lock:
            self._positions.update(zip(message.name, message.position, strict=False))
            self._joint_ages_s.append(time.time() - from_time(message.header.stamp))
