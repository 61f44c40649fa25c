"""Blocking clients of the nodes that implement the ports of `adapt_core`.

They are made in a node's constructor and used in its worker thread while the node spins. A peer that dies or hangs is a
PeerLostError that names it.
"""

from adapt_ros.clients.episode_runner import RosEpisodeRunner
from adapt_ros.clients.inverse_dynamics import RosInverseDynamics
from adapt_ros.clients.planner import RosPlanner
from adapt_ros.clients.trainer import RosTrainer
from adapt_ros.clients.world import RosWorld

__all__ = ["RosEpisodeRunner", "RosInverseDynamics", "RosPlanner", "RosTrainer", "RosWorld"]
