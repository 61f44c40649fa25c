"""What the tests of this package share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest


@pytest.fixture
def ros_domain(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """A ROS domain that nobody else on this machine uses, for this process and those it starts."""
    coordinator = pytest.importorskip("domain_coordinator", reason="needs ROS (domain_coordinator)")
    with coordinator.domain_id() as domain_id:
        monkeypatch.setenv("ROS_DOMAIN_ID", str(domain_id))
        monkeypatch.setenv("ROS_AUTOMATIC_DISCOVERY_RANGE", "LOCALHOST")
        yield domain_id
