"""What the guard is made of: pure checks and state machines, without ROS, threads or a clock of their own."""

from adapt_core.safety.checks import check_chunk, check_joint_state_age, check_observation_age, check_plan
from adapt_core.safety.guarded_world import GuardedWorld
from adapt_core.safety.heartbeat_monitor import HeartbeatMonitor
from adapt_core.safety.limits import Limits
from adapt_core.safety.motion_state import EnableLease, StopLatch
from adapt_core.safety.newest import Newest
from adapt_core.safety.rejection import PLANNED_BADLY, Rejection, refuse

__all__ = [
    "PLANNED_BADLY",
    "EnableLease",
    "GuardedWorld",
    "HeartbeatMonitor",
    "Limits",
    "Newest",
    "Rejection",
    "StopLatch",
    "check_chunk",
    "check_joint_state_age",
    "check_observation_age",
    "check_plan",
    "refuse",
]
