"""Every test session has its own ROS domain, so that graphs of sessions beside it do not meet."""

import contextlib
import importlib
import os

import pytest

SESSION = contextlib.ExitStack()


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
        if item.get_closest_marker("ros"):
            item.add_marker(mark)


def _free_domain() -> int:
    try:
        from domain_coordinator import domain_id
    except ImportError:
        return 1 + os.getpid() % 100  # 1..100: the ports of higher domains are not reserved for ROS
    return SESSION.enter_context(domain_id())
