"""The observations of a world as they arrive, by their sequence number."""

from __future__ import annotations

import threading
from collections import OrderedDict

from adapt_core.types import Observation

from adapt_interfaces import msg
from adapt_ros.convert import from_observation
from adapt_ros.interfaces import OBSERVATION
from adapt_ros.node import AdaptNode

KEPT = 512


class Observations:
    """The last ones of the `observation` topic, for a worker thread to wait on."""

    def __init__(self, node: AdaptNode) -> None:
        self._messages: OrderedDict[int, msg.Observation] = OrderedDict()
        self._arrived = threading.Condition()
        self._subscription = OBSERVATION.subscription(node, self._hear)

    def wait(self, first: int, last: int, timeout_s: float) -> list[Observation] | None:
        """Those numbered `first` to `last`; None when one is still missing after `timeout_s`. Raises ImageError."""
        numbers = range(first, last + 1)
        with self._arrived:
            complete = self._arrived.wait_for(lambda: all(n in self._messages for n in numbers), timeout_s)
            messages = [self._messages[number] for number in numbers] if complete else []
        return [from_observation(message) for message in messages] if complete else None

    def since(self, sequence: int) -> list[Observation]:
        """Those that came after `sequence`, in order, up to the first that is missing. Raises ImageError."""
        with self._arrived:
            messages: list[msg.Observation] = []
            while sequence + 1 + len(messages) in self._messages:
                messages.append(self._messages[sequence + 1 + len(messages)])
        return [from_observation(message) for message in messages]

    def _hear(self, message: msg.Observation) -> None:
        with self._arrived:
            self._messages[message.sequence] = message
            while len(self._messages) > KEPT:
                self._messages.popitem(last=False)
            self._arrived.notify_all()
