"""Seconds and stamps."""

from __future__ import annotations

import math
import time

from builtin_interfaces.msg import Time

_NS = 1_000_000_000


def wall_time() -> Time:
    """Now on the wall clock, whatever clock the node uses."""
    return to_time(time.time())


def to_time(seconds: float) -> Time:
    """Seconds since the clock's zero as a stamp, to the nanosecond."""
    whole = math.floor(seconds)
    nanoseconds = round((seconds - whole) * _NS)
    return Time(sec=whole + nanoseconds // _NS, nanosec=nanoseconds % _NS)


def from_time(stamp: Time) -> float:
    """A stamp as seconds."""
    return float(stamp.sec) + stamp.nanosec / _NS
