"""Facts about a graph, judged: each finding with what to do."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from adapt_core.arm_settings import Arm
from adapt_core.robots import Robot, digest

from adapt_cli.doctor.check import Check, Status
from adapt_cli.preflight.facts import ArmEnds, Facts

OWN_NODES = ("guard", "executor", "episode_runner", "labeler")
LEARNERS = ("planner", "inverse_dynamics")
TWO_MACHINES_RMW = "rmw_cyclonedds_cpp"
CLOCK_SHARE = 0.1  # of the age at which an observation is too old: what clocks may differ by
SLOW, FAST = 0.75, 1.5  # of the camera's rate


def preflight_checks(robot: Robot, namespace: str, learners: str, facts: Facts) -> Iterator[Check]:
    """Everything; `namespace` is the graph's, `learners` that of its planner."""
    yield _nodes(namespace, learners, facts)
    yield _middleware(facts)
    yield from _clocks(robot, facts)
    yield _files(robot, facts)
    if robot.arm is not None and facts.arm is not None:
        yield _joints(robot.arm, facts.arm, facts)
        yield _limits(robot.arm, facts)
        yield _trajectories(facts.arm, facts)
        yield _gripper(facts.arm, facts)
    yield from _camera(robot, facts)


def _nodes(namespace: str, learners: str, facts: Facts) -> Check:
    wanted = [f"{namespace}/{name}" for name in OWN_NODES] + [f"{learners}/{name}" for name in LEARNERS]
    lost = [name for name in wanted if name not in facts.senders]
    silent = sorted({*facts.silent} & {*lost})
    if not lost:
        machines = sorted({sender.machine for sender in facts.senders.values()})
        return Check("nodes", Status.OK, f"{len(facts.senders)} are heard, on {', '.join(machines)}")
    if silent:
        advice = (
            "seen but not heard: use the same RMW_IMPLEMENTATION on all machines, and let UDP through their firewalls"
        )
        return Check("nodes", Status.WRONG, f"no heartbeat of {', '.join(silent)}", advice)
    advice = "start them (adapt up), with one ROS_DOMAIN_ID and ROS_AUTOMATIC_DISCOVERY_RANGE=SUBNET on all machines"
    return Check("nodes", Status.MISSING, f"no {', '.join(lost)}", advice)


def _middleware(facts: Facts) -> Check:
    used: dict[str, set[str]] = defaultdict(set)
    used[facts.rmw].add(facts.machine)
    for sender in facts.senders.values():
        used[sender.rmw].add(sender.machine)
    found = "; ".join(f"{rmw} on {', '.join(sorted(machines))}" for rmw, machines in sorted(used.items()))
    machines = {machine for group in used.values() for machine in group}
    if len(used) > 1:
        advice = f"export RMW_IMPLEMENTATION={TWO_MACHINES_RMW} in all shells of all machines, and start all nodes anew"
        return Check("RMW", Status.WRONG, found, advice)
    if len(machines) > 1 and TWO_MACHINES_RMW not in used:
        advice = f"between machines use {TWO_MACHINES_RMW} on both: others have caused motion aborts of Franka arms"
        return Check("RMW", Status.OPTIONAL, found, advice)
    return Check("RMW", Status.OK, found)


def _clocks(robot: Robot, facts: Facts) -> Iterator[Check]:
    behind_s: dict[str, float] = {}
    for sender in facts.senders.values():
        known = behind_s.get(sender.machine, float("inf"))
        behind_s[sender.machine] = min(known, sender.behind_s, key=abs)
    if facts.real and facts.joints is not None:
        behind_s["the arm's driver"] = facts.joints.age_s
    tolerance_s = CLOCK_SHARE * robot.freshness.observation_age_s
    off = {machine: seconds for machine, seconds in behind_s.items() if abs(seconds) > tolerance_s}
    if off:
        words = [
            f"{machine} is {abs(seconds):.2f} s {'behind' if seconds > 0 else 'ahead of'} {facts.machine}"
            for machine, seconds in sorted(off.items())
        ]
        advice = "run chrony on all machines against one server; observations and plans are judged by their age"
        yield Check("clocks", Status.WRONG, "; ".join(words), advice)
    else:
        most_s = max((abs(seconds) for seconds in behind_s.values()), default=0.0)
        yield Check("clocks", Status.OK, f"agree within {1000 * most_s:.0f} ms, the network's part included")


def _files(robot: Robot, facts: Facts) -> Check:
    other = sorted(name for name, told in facts.digests.items() if told != digest(robot))
    if not other:
        return Check("configuration", Status.OK, f"all nodes read the same of {robot.name}")
    places = {facts.senders[name].machine if name in facts.senders else "?" for name in other}
    advice = (
        f"bring config/robots/{robot.name}.yaml (and what it extends) to the same state on {', '.join(sorted(places))} and "
        f"{facts.machine}, and start the nodes anew"
    )
    return Check("configuration", Status.WRONG, f"{', '.join(other)} read other limits, names or rates", advice)


def _joints(arm: Arm, ends: ArmEnds, facts: Facts) -> Check:
    if facts.joints is None:
        advice = "start the arm's driver; is interfaces.joint_states of the robot's file its topic?"
        return Check("joints", Status.MISSING, f"nothing on {ends.joint_states}", advice)
    lost = [joint for joint in (*arm.joints, *arm.gripper.joints) if joint not in facts.joints.positions]
    if lost:
        there = ", ".join(sorted(facts.joints.positions))
        advice = f"{ends.joint_states} has {there}. Correct arm.joints of the robot's file, or the driver's"
        return Check("joints", Status.WRONG, f"no {', '.join(lost)}", advice)
    return Check("joints", Status.OK, f"all {len(arm.joints)} and the gripper's {len(arm.gripper.joints)}")


def _limits(arm: Arm, facts: Facts) -> Check:
    positions = facts.joints.positions if facts.joints is not None else {}
    ranges = zip(arm.joints, arm.limits.position_low, arm.limits.position_high, strict=True)
    outside = [
        f"{joint} stands at {positions[joint]:.3f} rad, its limits are {low} to {high}"
        for joint, low, high in ranges
        if joint in positions and not low <= positions[joint] <= high
    ]
    if outside:
        advice = "move the arm back by hand; if it is within its own limits, the robot's file is another arm's"
        return Check("limits", Status.WRONG, "; ".join(outside), advice)
    if not positions:
        return Check("limits", Status.MISSING, "where the joints are is not known", "first mend the joints")
    return Check("limits", Status.OK, "every joint stands within its own")


def _trajectories(ends: ArmEnds, facts: Facts) -> Check:
    served = [name for name in ends.trajectories if name in facts.served]
    if served:
        return Check("trajectories", Status.OK, f"{served[0]} is served")
    advice = "start the arm's trajectory controller; are its names those of the robot's file?"
    return Check("trajectories", Status.MISSING, f"nobody serves {' or '.join(ends.trajectories)}", advice)


def _gripper(ends: ArmEnds, facts: Facts) -> Check:
    lost = [name for name in ends.gripper if name not in facts.served]
    if not lost:
        return Check("gripper", Status.OK, f"{' and '.join(ends.gripper)} are served")
    advice = "start the gripper's node; is gripper.node of the robot's file its name?"
    return Check("gripper", Status.MISSING, f"nobody serves {', '.join(lost)}", advice)


def _camera(robot: Robot, facts: Facts) -> Iterator[Check]:
    images, camera = facts.images, robot.camera
    if images is None:
        advice = "start the camera, and look whether it is plugged in"
        yield Check("camera", Status.MISSING, "no image arrives on image_raw", advice)
        return
    if images.problem:
        yield Check("camera", Status.WRONG, images.problem, "correct the camera's driver")
        return
    yield _image_size(robot, facts)
    if not facts.real:
        yield Check("camera rate", Status.OK, "simulated: an image for each frame")
        return
    rate_hz = 1 / images.period_s if images.period_s else 0.0
    found = f"{rate_hz:.1f} images a second, {camera.rate_hz:g} are wanted"
    if not SLOW * camera.rate_hz <= rate_hz <= FAST * camera.rate_hz:
        advice = "set the camera's rate; at night its exposure may be too long, over USB 2 its images too large"
        yield Check("camera rate", Status.WRONG, found, advice)
    elif images.age_s > robot.freshness.observation_age_s:
        advice = "look at the clocks, the network's load and the receive buffers (docker/README.md)"
        yield Check("camera rate", Status.WRONG, f"images are {images.age_s:.2f} s old when they arrive", advice)
    else:
        yield Check("camera rate", Status.OK, found)


def _image_size(robot: Robot, facts: Facts) -> Check:
    assert facts.images is not None
    wanted = (robot.camera.height, robot.camera.width)
    sizes = ", ".join(f"{height}x{width}" for height, width in sorted(facts.images.shapes))
    if facts.images.shapes == {wanted}:
        return Check("camera", Status.OK, f"images of {sizes} pixels")
    advice = "let the camera node crop and resize, or choose the preset that the graph was started with"
    return Check("camera", Status.WRONG, f"images of {sizes} pixels, {wanted[0]}x{wanted[1]} are wanted", advice)
