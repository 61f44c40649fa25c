"""What the codes of moveit_msgs/MoveItErrorCodes mean for a user, and which of our reasons they are."""

from __future__ import annotations

from adapt_core.safety import Rejection, refuse

SUCCESS = 1
_NOTHING = Rejection.NO_MOTION
SENTENCES: dict[int, tuple[Rejection, str]] = {
    0: (_NOTHING, "it did not say how planning ended: see the log of move_group"),
    99999: (_NOTHING, "planning failed, it does not say why: see the log of move_group"),
    -1: (_NOTHING, "it found no way: imagine again, or clear what stands around the robot in its planning scene"),
    -2: (_NOTHING, "it found a way that it then held for invalid: imagine again"),
    -3: (_NOTHING, "the planning scene changed meanwhile: keep still what stands around the robot, and imagine again"),
    -4: (_NOTHING, "control failed; it was only to plan: see the log of move_group"),
    -5: (_NOTHING, "it gets no data of its sensors: start them, or take them out of its configuration"),
    -6: (
        _NOTHING,
        "it ran out of time: give it more (timeout_s under arm.moveit of the robot's YAML) or a faster computer",
    ),
    -7: (_NOTHING, "somebody else's request took the place of this one: let one program at a time plan"),
    -10: (Rejection.SELF_COLLISION, "the arm stands in collision: move it free by hand, or mend the planning scene"),
    -11: (_NOTHING, "the arm stands where path constraints forbid it: take them out of its configuration"),
    -12: (Rejection.SELF_COLLISION, "the arm would collide at the pose: imagine again, or mend the planning scene"),
    -13: (_NOTHING, "the pose breaks path constraints: take them out of its configuration"),
    -14: (_NOTHING, "the way ends elsewhere than at the pose: imagine again"),
    -15: (
        _NOTHING,
        "it does not know the group of joints: set group under arm.moveit of the robot's YAML as in its SRDF",
    ),
    -16: (
        _NOTHING,
        "the pose is no goal for it: its link must belong to the group, see arm.moveit of the robot's YAML",
    ),
    -17: (_NOTHING, "the state of the joints is none of its robot's: is it configured for this robot?"),
    -18: (_NOTHING, "it does not know the link: set link under arm.moveit of the robot's YAML as in its URDF"),
    -19: (_NOTHING, "it does not know an object: mend the planning scene"),
    -21: (_NOTHING, "it cannot transform between the frames: its model must have the robot's frame_id"),
    -22: (_NOTHING, "it cannot look for collisions: see the log of move_group"),
    -23: (Rejection.STALE_OBSERVATION, "the state of the joints that it has is too old: is joint_states published?"),
    -24: (Rejection.STALE_OBSERVATION, "the data of its sensors are too old: are they running?"),
    -25: (Rejection.PEER_LOST, "its parts do not reach each other: start it again"),
    -26: (Rejection.JOINT_LIMIT, "the arm stands beyond its limits: move it back by hand"),
    -27: (Rejection.JOINT_LIMIT, "at the pose the arm would stand beyond its limits: imagine again"),
    -28: (_NOTHING, "it does not know this kind of goal: its planner must be one for poses, such as Pilz' LIN"),
    -29: (Rejection.PEER_LOST, "its planner crashed: start it again"),
    -30: (_NOTHING, "planning was aborted: see the log of move_group"),
    -31: (Rejection.OUT_OF_REACH, "no joint angles put the hand there: imagine again"),
}


def refuse_moveit(value: int, detail: str, where: str) -> None:
    """Raise PlanRejectedError unless `value` is SUCCESS. `detail` is what MoveIt adds, `where` the poses in question."""
    if value == SUCCESS:
        return
    unknown = (Rejection.NO_MOTION, "an error that adapt does not know: see the log of move_group")
    code, sentence = SENTENCES.get(value, unknown)
    added = f" ({detail})" if detail else ""
    refuse(code, f"MoveIt, {where}: {sentence} [MoveItErrorCodes {value}]{added}")
