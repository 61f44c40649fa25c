"""The Panda at its table, driven by poses of its hand."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from adapt_core.gripping import GripperIntent
from adapt_core.images import square
from adapt_core.kinematics import JointTrajectory
from adapt_core.kinematics.arm import ArmModel
from adapt_core.kinematics.chunk_motion import plan_chunk
from adapt_core.kinematics.inverse import solve_path
from adapt_core.robots import load_robot
from adapt_core.types import ActionChunk, ActionSpace, Image, Observation, Vector, WorldSpec
from numpy.typing import NDArray

from adapt_sim.panda.arm_simulation import ArmSimulation
from adapt_sim.panda.gripper import MAX_WIDTH_M, pursue
from adapt_sim.panda.look import Look
from adapt_sim.panda.puppet import Puppet
from adapt_sim.panda.table import PandaTable
from adapt_sim.panda.tabletop_tasks import Scene
from adapt_sim.panda.teleoperation import HandPath
from adapt_sim.simulated_world import SimulatedWorld

CONTROL_DT_S = 1 / 30  # the camera's period


class PandaWorld(SimulatedWorld):
    """Pushing cups ("push-orange-cup") and opening drawers ("open-yellow-drawer") with a Panda.

    END_EFFECTOR poses are those of the TCP in the robot's base frame. A chunk becomes one smooth motion that reaches a
    pose every `frame_skip` control steps, or as soon as the joints' limits allow; the gripper sets out for an action's
    opening when the action begins, and grasps with a force when that is nearly 0. A contact reflex ends motion until the
    next reset.
    """

    def __init__(
        self,
        image_size: int = 128,
        randomise_seed: int | None = None,
        lighting: float = 1.0,
        camera_jitter: float = 1.0,
        texture_variation: float = 1.0,
        robot: str = "panda",
    ) -> None:
        """`image_size` is the height and width of the image in pixels, a square cut out of the camera's 640x480.

        With `randomise_seed` each scene has another look, and any colours stand together, so that several tasks share one
        image; `lighting`, `camera_jitter` and `texture_variation`, 0 to 1, say how far, see `look`. `robot` names the YAML
        file with the arm. Raises ConfigError.
        """
        super().__init__()
        settings = load_robot(robot)
        box = settings.workspace
        self._kinematics = ArmModel.of(settings)
        self._spec = WorldSpec(
            name="panda",
            image_shape=(image_size, image_size),
            spaces=(ActionSpace.END_EFFECTOR,),
            raw_low=np.empty(0),
            raw_high=np.empty(0),
            control_dt_s=CONTROL_DT_S,
            frame_id=settings.frame_id,
            workspace=None if box is None else (np.array(box.low), np.array(box.high)),
        )
        self._table = PandaTable(randomise_seed, Look(lighting, camera_jitter, texture_variation))
        self._gripper = GripperIntent(MAX_WIDTH_M)

    @property
    def spec(self) -> WorldSpec:
        """What this world offers."""
        return self._spec

    @property
    def success(self) -> bool:
        """Whether cups or drawers are as the task wants them at this instant (not latched)."""
        return self._table.success

    @property
    def arm(self) -> ArmSimulation:
        """The arm in the scene of the last reset."""
        return self._table.arm

    @property
    def scene(self) -> Scene:
        """What the last reset put on the table: what scripted demonstrations act on."""
        return self._table.scene

    def camera_image(self) -> Image:
        """What the external camera sees now, (480, 640, 3)."""
        return self._table.camera_image()

    def image(self) -> Image:
        """The square of it that plans start from."""
        return square(self.camera_image(), self._spec.image_shape[0])

    def stream(self, path: HandPath, frame_skip: int) -> Iterator[tuple[float, Observation]]:
        """Follow a path with a row for each control step, as teleoperation does.

        Yields after each `frame_skip` control steps the opening commanded last, and an observation. Raises
        PlanRejectedError, MotionStoppedError.
        """
        joints = solve_path(
            self._kinematics, path.poses, self.arm.positions, self._kinematics.settings.motion.joint_jump_rad
        )
        self.arm.start(_streamed(joints))
        rows = np.column_stack([path.poses, path.openings])  # (n, 8)
        for first in range(0, len(rows), frame_skip):
            for row in rows[first : first + frame_skip]:
                self._advance(ActionSpace.END_EFFECTOR, row)
            yield float(row[7]), self._observe()

    def lead(self, path: HandPath, frame_skip: int) -> Iterator[tuple[float, Observation]]:
        """As `stream`, but nothing is simulated: see `puppet`. Raises PlanRejectedError."""
        puppet = Puppet(self._table.station, self._kinematics, self.scene)
        for row in range(frame_skip - 1, len(path.poses), frame_skip):
            puppet.place(path.poses[row], float(path.openings[row]))
            self._clock_s += frame_skip * CONTROL_DT_S
            self._steps += frame_skip
            yield float(path.openings[row]), self._observe()

    def close(self) -> None:
        """Release the renderer. A second call does nothing; the next observation opens it again."""
        self._table.close()

    def _set_up(self, task_id: str, seed: int) -> None:
        self._table.lay(task_id, seed, self._kinematics.home)
        self._gripper.stands_at(self.arm.gripper.width_m)

    def _begin(self, chunk: ActionChunk) -> Sequence[int]:
        motion = plan_chunk(self._kinematics, chunk, self.arm.positions, CONTROL_DT_S)
        self.arm.start(motion)
        ends = np.round(motion.waypoint_times_s / CONTROL_DT_S).astype(int)
        return np.diff(ends, prepend=0).tolist()

    def _halt(self) -> None:
        self.arm.halt()

    def _control_step(self, space: ActionSpace, action: Vector) -> None:
        if command := self._gripper.want(action[7]):
            pursue(self.arm.gripper, command)
        self.arm.advance(CONTROL_DT_S)

    def _render(self) -> Image:
        return self.image()

    def _end_effector(self) -> Vector:
        opening = np.clip(self.arm.gripper.width_m / MAX_WIDTH_M, 0.0, 1.0)
        return np.append(self.arm.tcp_pose, opening)


def _streamed(joints: NDArray[np.float64]) -> JointTrajectory:
    """Joint positions (n, 7), one for each control step, as a trajectory."""
    times_s = CONTROL_DT_S * np.arange(1.0, len(joints) + 1.0)
    velocities = np.gradient(joints, CONTROL_DT_S, axis=0)
    return JointTrajectory(times_s, joints, velocities, np.gradient(velocities, CONTROL_DT_S, axis=0))
