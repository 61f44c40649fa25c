"""What the tests of this package share."""

from __future__ import annotations

import contextlib
from collections import deque
from collections.abc import Iterator

import pytest

# A domain is not used again soon: what Python has not collected of a test before would still take part in it.
RESERVED: deque[contextlib.ExitStack] = deque()
KEPT = 25


@pytest.fixture
def ros_domain(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """A ROS domain that nobody else on this machine uses, for this process and those it starts."""
    coordinator = pytest.importorskip("domain_coordinator", reason="needs ROS (domain_coordinator)")
    reservation = contextlib.ExitStack()
    domain_id = reservation.enter_context(coordinator.domain_id())
    RESERVED.append(reservation)
    if len(RESERVED) > KEPT:
        RESERVED.popleft().close()
    monkeypatch.setenv("ROS_DOMAIN_ID", str(domain_id))
    monkeypatch.setenv("ROS_AUTOMATIC_DISCOVERY_RANGE", "LOCALHOST")
    yield domain_id
