"""Goals of grippers, as Franka's messages or ours have them."""

from __future__ import annotations

from typing import Any

from adapt_core.gripping import GripperCommand

from adapt_ros.arm_interfaces import ArmNames


def goal_of(names: ArmNames, command: GripperCommand, anything_m: float) -> Any:
    """The goal of `names.grasp` or `names.move` that `command` means; a grasp holds whatever is up to `anything_m` wide."""
    if not command.force_n:
        return names.move.type.Goal(width=command.width_m, speed=command.speed_m_s)
    goal = names.grasp.type.Goal(width=command.width_m, speed=command.speed_m_s, force=command.force_n)
    if hasattr(goal, "epsilon"):
        goal.epsilon.inner = goal.epsilon.outer = anything_m
    else:
        goal.epsilon_inner = goal.epsilon_outer = anything_m
    return goal


def epsilon_of(goal: Any) -> tuple[float, float]:
    """By how much less or more than its width a grasp's goal allows [m]."""
    nested = getattr(goal, "epsilon", None)
    return (goal.epsilon_inner, goal.epsilon_outer) if nested is None else (nested.inner, nested.outer)
