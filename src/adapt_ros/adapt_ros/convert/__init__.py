"""Messages to the values of `adapt_core` and back; nothing else."""

from adapt_ros.convert.chunks import from_chunk, to_chunk
from adapt_ros.convert.episodes import (
    control_loop_named,
    from_episode_goal,
    from_episode_status,
    to_episode_goal,
    to_episode_status,
)
from adapt_ros.convert.images import from_image, to_image
from adapt_ros.convert.observations import (
    from_observation,
    from_pose,
    from_success,
    to_observation,
    to_pose,
    to_success,
)
from adapt_ros.convert.plans import from_plan_goal, from_video_plan, to_plan_goal, to_video_plan
from adapt_ros.convert.stamps import from_time, to_time, wall_time
from adapt_ros.convert.training import (
    from_finetune_goal,
    from_training_episode,
    to_finetune_goal,
    to_training_episode,
)
from adapt_ros.convert.trajectories import (
    Joints,
    from_duration,
    from_joint_state,
    from_motion,
    from_trajectory,
    to_duration,
    to_joint_state,
    to_motion,
    to_trajectory,
)

__all__ = [
    "Joints",
    "control_loop_named",
    "from_chunk",
    "from_duration",
    "from_episode_goal",
    "from_episode_status",
    "from_finetune_goal",
    "from_image",
    "from_joint_state",
    "from_motion",
    "from_observation",
    "from_plan_goal",
    "from_pose",
    "from_success",
    "from_time",
    "from_training_episode",
    "from_trajectory",
    "from_video_plan",
    "to_chunk",
    "to_duration",
    "to_episode_goal",
    "to_episode_status",
    "to_finetune_goal",
    "to_image",
    "to_joint_state",
    "to_motion",
    "to_observation",
    "to_plan_goal",
    "to_pose",
    "to_success",
    "to_time",
    "to_training_episode",
    "to_trajectory",
    "to_video_plan",
    "wall_time",
]
