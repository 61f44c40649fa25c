"""The observations of a world as they arrive, by their sequence number."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence
from itertools import takewhile

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

    def wait(self, numbers: Sequence[int], timeout_s: float) -> list[Observation]:
        """Those of `numbers`, once all have arrived or `timeout_s` is over: see `arrived`."""
        with self._arrived:
            self._arrived.wait_for(lambda: all(number in self._messages for number in numbers), timeout_s)
        return self.arrived(numbers)

    def arrived(self, numbers: Sequence[int]) -> list[Observation]:
        """Those of `numbers`, in order, up to the first that is missing. Raises ImageError."""
        with self._arrived:
            known = takewhile(lambda message: message is not None, map(self._messages.get, numbers))
            messages = [message for message in known if message is not None]
        return [from_observation(message) for message in messages]

    def _hear(self, message: msg.Observation) -> None:
        with self._arrived:
            self._messages[message.sequence] = message
            while len(self._messages) > KEPT:
                self._messages.popitem(last=False)
            self._arrived.notify_all()
