"""Motion of a joint robot: forward and inverse kinematics, collisions, and trajectories in time."""

from adapt_core.kinematics.trajectory import JointTrajectory

__all__ = ["JointTrajectory"]
