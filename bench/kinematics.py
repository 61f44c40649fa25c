"""From a plan's poses to one smooth motion of the Panda, against one pose at a time from home and a stop at each.

`ik_ms_per_pose` is for the poses of plans, `ik_ms_per_random_pose` and `ik_solved` (a share) are for random poses of the
workspace that the arm can reach; `trajectory_ms` is the time to compute a trajectory through the joints' waypoints of a
plan, `trajectory_s` how long that trajectory takes to drive.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np
import pinocchio as pin
import ruckig
from adapt_core.errors import PlanRejectedError
from adapt_core.kinematics.arm import ArmModel
from adapt_core.kinematics.inverse import solve, solve_path
from adapt_core.kinematics.motion_limits import MotionLimits
from adapt_core.kinematics.retiming import retime
from adapt_core.robots import Robot, load_robot

POSES, PLANS, PLAN_POSES = 10_000, 100, 8
STEP_RAD, NOISE_RAD = 0.05, 0.01  # of each joint from pose to pose
NAIVE_ITERATIONS, NAIVE_DAMPING = 100, 1e-3
POSITION_M, ROTATION_RAD = 1e-4, 1e-3  # what counts as solved
Array = np.ndarray[Any, Any]


def rows() -> list[dict[str, Any]]:
    """The benchmark's rows: name, unit, ours, baseline and their ratio."""
    robot = load_robot("panda")
    arm = ArmModel.of(robot)
    solve(arm, arm.forward(arm.home))  # the first one draws the table of postures
    return [*_random_poses(arm, robot), *_plans(arm, robot)]


def _random_poses(arm: ArmModel, robot: Robot) -> list[dict[str, Any]]:
    poses = _reachable(arm, robot)
    ours_ms, ours = _timed(lambda: [_ours(arm, pose) for pose in poses], POSES)
    naive_ms, naive = _timed(lambda: [_naive(arm, pose) for pose in poses], POSES)
    shares = [
        float(np.mean([_there(arm, *pair) for pair in zip(found, poses, strict=True)])) for found in (ours, naive)
    ]
    return [_row("ik_ms_per_random_pose", "ms", ours_ms, naive_ms), _row("ik_solved", "share", *shares)]


def _plans(arm: ArmModel, robot: Robot) -> list[dict[str, Any]]:
    limits, settings = MotionLimits.of(arm.settings, arm.settings.motion.scale), arm.settings.motion
    times: dict[str, list[float]] = {name: [] for name in ("path", "one", "smooth", "stops", "smooth_s", "stops_s")}
    for start, poses in _random_plans(arm, robot):
        path_ms, path = _timed(lambda: solve_path(arm, poses, start, settings.joint_jump_rad), PLAN_POSES)  # noqa: B023
        one_ms, _ = _timed(lambda: [_naive(arm, pose) for pose in poses], PLAN_POSES)  # noqa: B023
        waypoints = np.vstack([start, path])
        smooth_ms, smooth = _timed(lambda: retime(waypoints, limits, settings.rate_hz), 1)  # noqa: B023
        stops_ms, stops_s = _timed(lambda: _stops(waypoints, limits, settings.rate_hz), 1)  # noqa: B023
        found = (path_ms, one_ms, smooth_ms, stops_ms, smooth.duration_s, stops_s)
        for name, value in zip(times, found, strict=True):
            times[name].append(value)
    mean = {name: statistics.fmean(values) for name, values in times.items()}
    return [
        _row("ik_ms_per_pose", "ms", mean["path"], mean["one"]),
        _row("trajectory_ms", "ms", mean["smooth"], mean["stops"]),
        _row("trajectory_s", "s", mean["smooth_s"], mean["stops_s"]),
    ]


def _row(name: str, unit: str, ours: float, baseline: float) -> dict[str, Any]:
    return {"name": name, "unit": unit, "ours": ours, "baseline": baseline, "ratio": ours / baseline}


def _timed(work: Callable[[], Any], count: int) -> tuple[float, Any]:
    """Milliseconds for each of the `count` things that `work` does, and what it returns."""
    began = time.perf_counter()
    result = work()
    return 1e3 * (time.perf_counter() - began) / count, result


def _inside(robot: Robot, pose: Array) -> bool:
    assert robot.workspace is not None
    return bool((pose[:3] >= robot.workspace.low).all() and (pose[:3] <= robot.workspace.high).all())


def _reachable(arm: ArmModel, robot: Robot) -> list[Array]:
    """Poses in the workspace, of random postures within the joints' limits."""
    rng, poses = np.random.default_rng(0), []
    while len(poses) < POSES:
        pose = arm.forward(rng.uniform(arm.low, arm.high))
        if _inside(robot, pose):
            poses.append(pose)
    return poses


def _random_plans(arm: ArmModel, robot: Robot) -> list[tuple[Array, Array]]:
    """Joints (7,) to start from near home, and poses (8, 7) that lead away from there by small steps."""
    rng, plans = np.random.default_rng(1), []
    while len(plans) < PLANS:
        steps = rng.normal(0, STEP_RAD, 7) + rng.normal(0, NOISE_RAD, (PLAN_POSES, 7))
        start = arm.home + rng.normal(0, 0.1, 7)
        postures = start + np.cumsum(steps, axis=0)
        poses = np.array([arm.forward(q) for q in postures])
        if all(_inside(robot, pose) for pose in poses) and (postures > arm.low).all() and (postures < arm.high).all():
            plans.append((start, poses))
    return plans


def _ours(arm: ArmModel, pose: Array) -> Array:
    try:
        return solve(arm, pose)
    except PlanRejectedError:
        return arm.home


def _naive(arm: ArmModel, pose: Array) -> Array:
    """Damped least squares from home, joints clipped to their limits; no second try."""
    q, position, rotation = arm.home, pose[:3], pin.Quaternion(pose[3:]).matrix()
    for _ in range(NAIVE_ITERATIONS):
        at, turned, jacobian = arm.place(q)
        error = np.concatenate([position - at, pin.log3(rotation @ turned.T)])
        if np.linalg.norm(error[:3]) < POSITION_M / 10 and np.linalg.norm(error[3:]) < ROTATION_RAD / 10:
            break
        step = jacobian.T @ np.linalg.solve(jacobian @ jacobian.T + NAIVE_DAMPING * np.eye(6), error)
        q = np.clip(q + step, arm.low, arm.high)
    return q


def _there(arm: ArmModel, q: Array, pose: Array) -> bool:
    position, rotation, _ = arm.place(q)
    off_rad = np.linalg.norm(pin.log3(pin.Quaternion(pose[3:]).matrix() @ rotation.T))
    return bool(np.linalg.norm(position - pose[:3]) < POSITION_M and off_rad < ROTATION_RAD)


def _stops(waypoints: Array, limits: MotionLimits, rate_hz: float) -> float:
    """Seconds of the motion that Ruckig makes of all joints from waypoint to waypoint, at rest in each; sampled."""
    duration_s = 0.0
    for start, end in pairwise(waypoints):
        request = ruckig.InputParameter(len(start))
        request.current_position, request.target_position = start, end
        request.max_velocity, request.max_acceleration = limits.velocity, limits.acceleration
        request.max_jerk = limits.jerk
        found = ruckig.Trajectory(len(start))
        ruckig.Ruckig(len(start)).calculate(request, found)
        np.array([found.at_time(time_s)[0] for time_s in np.arange(0, found.duration, 1 / rate_hz)])
        duration_s += found.duration
    return duration_s


if __name__ == "__main__":
    for row in rows():
        print(row)
