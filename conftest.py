"""Every test session has its own ROS domain, so that graphs of sessions beside it do not meet."""

import contextlib
import importlib
import os
import resource
import signal
from collections import deque
from collections.abc import Iterator
from typing import Any

import pytest

SESSION = contextlib.ExitStack()
# A domain is not used again soon: what Python has not collected of a test before would still take part in it.
RESERVED: deque[contextlib.ExitStack] = deque()
KEPT = 25


def pytest_configure() -> None:
    os.environ["ROS_DOMAIN_ID"] = str(_free_domain())
    os.environ.setdefault("ROS_AUTOMATIC_DISCOVERY_RANGE", "LOCALHOST")


def pytest_unconfigure() -> None:
    SESSION.close()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests over DDS are skipped without ROS, and tried again where discovery fails them on a busy machine.

    What was tried again is counted in the last line ("rerun").
    """
    mark = pytest.mark.skip(reason="needs rclpy and adapt_interfaces: `make setup`, then `source activate.sh`")
    with contextlib.suppress(ImportError):
        importlib.import_module("rclpy")
        importlib.import_module("adapt_interfaces.msg")
        mark = pytest.mark.flaky(reruns=2)
    for item in items:
        ros = item.get_closest_marker("ros") is not None
        if ros:
            item.add_marker(mark)
        # With several processes (pytest -n) nodes have one to themselves: they would starve each other.
        item.add_marker(pytest.mark.xdist_group("ros" if ros else str(item.path)))


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


@pytest.fixture
def harness(ros_domain: int, request: pytest.FixtureRequest) -> Iterator[Any]:
    """Nodes in one executor over real DDS, in the namespace that the test's module names, if it does."""
    from adapt_ros.fakes.harness import Harness

    with Harness(ros_domain, getattr(request.module, "HARNESS_NAMESPACE", "/test")) as harness:
        yield harness


class Disk:
    """Full from `fill` to `free`: no file of this process may grow beyond so many bytes, the tests' own report neither."""

    def __init__(self) -> None:
        self._limits = resource.getrlimit(resource.RLIMIT_FSIZE)

    def fill(self, room: int = 100) -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (room, self._limits[1]))

    def free(self) -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, self._limits)


@pytest.fixture
def disk() -> Iterator[Disk]:
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    disk = Disk()
    yield disk
    disk.free()
    signal.signal(signal.SIGXFSZ, before)


def _free_domain() -> int:
    try:
        from domain_coordinator import domain_id
    except ImportError:
        return 1 + os.getpid() % 100  # 1..100: the ports of higher domains are not reserved for ROS
    return SESSION.enter_context(domain_id())
