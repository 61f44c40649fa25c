"""Every name of the graph with its type and QoS. Names are relative: one namespace a robot.

Planner, inverse dynamics and trainer may live in another namespace, so that robots share them: the `learners` parameter
of the nodes that talk to them.
"""

from __future__ import annotations

from rclpy.duration import Duration
from rclpy.qos import DurabilityPolicy, HistoryPolicy, QoSProfile, ReliabilityPolicy
from rosgraph_msgs.msg import Clock
from sensor_msgs.msg import CameraInfo, Image
from std_srvs.srv import Trigger

from adapt_interfaces.action import ExecuteChunk, Finetune, InferActions, PlanVideo, RunEpisode, RunSail
from adapt_interfaces.msg import (
    EpisodeStatus,
    GuardStatus,
    Heartbeat,
    Label,
    MotionPreview,
    Observation,
    SceneRequest,
    VideoPlan,
    WeightsVersion,
)
from adapt_interfaces.srv import (
    ApproveMotion,
    ConfirmScene,
    EnableMotion,
    LabelEpisode,
    LoadWeights,
    PendingEpisodes,
    ResetWorld,
)
from adapt_ros.endpoints import ActionName, ServiceName, Topic

HEARTBEAT_PERIOD_S = 0.1
HEARTBEAT_DEADLINE_S = 0.5  # the offered and requested deadline of the topic

# The newest image is the only one of interest; a slow reader must not hold up the camera.
SENSOR = QoSProfile(depth=1, history=HistoryPolicy.KEEP_LAST, reliability=ReliabilityPolicy.BEST_EFFORT)
# Observations are recorded: none may be lost. The depth covers a chunk.
RECORDED = QoSProfile(depth=64, history=HistoryPolicy.KEEP_LAST, reliability=ReliabilityPolicy.RELIABLE)
# Events such as labels: reliable, but only for those who listen already.
EVENT = QoSProfile(depth=10, history=HistoryPolicy.KEEP_LAST, reliability=ReliabilityPolicy.RELIABLE)
# State: who joins late learns the last one.
STATE = QoSProfile(
    depth=1,
    history=HistoryPolicy.KEEP_LAST,
    reliability=ReliabilityPolicy.RELIABLE,
    durability=DurabilityPolicy.TRANSIENT_LOCAL,
)
# Ended episodes: the last few for who joins late, none lost for who listens.
EPISODES = QoSProfile(
    depth=10,
    history=HistoryPolicy.KEEP_LAST,
    reliability=ReliabilityPolicy.RELIABLE,
    durability=DurabilityPolicy.TRANSIENT_LOCAL,
)
ALIVE = QoSProfile(
    depth=10,
    history=HistoryPolicy.KEEP_LAST,
    reliability=ReliabilityPolicy.BEST_EFFORT,
    deadline=Duration(seconds=HEARTBEAT_DEADLINE_S),
)

IMAGE = Topic("image_raw", Image, SENSOR)
CAMERA_INFO = Topic("camera_info", CameraInfo, SENSOR)
CLOCK = Topic("clock", Clock, SENSOR)  # "/clock" of the nodes is remapped to it: simulated time stays in its graph
OBSERVATION = Topic("observation", Observation, RECORDED)
GUARD_STATUS = Topic("guard/status", GuardStatus, STATE)
WEIGHTS_VERSION = Topic("weights_version", WeightsVersion, STATE)
VIDEO_PLAN = Topic("video_plan", VideoPlan, STATE)  # the plan that the robot follows now, for people to look at
MOTION_PREVIEW = Topic("motion_preview", MotionPreview, STATE)  # what the guard lets a person approve
SCENE_REQUEST = Topic("scene_request", SceneRequest, STATE)
EPISODE_STATUS = Topic("episode_status", EpisodeStatus, EPISODES)
LABEL = Topic("label", Label, EVENT)


def heartbeat(node_name: str) -> Topic:
    """The heartbeat of one node, relative or fully qualified: who watches one node is not woken by all of them."""
    return Topic(f"{node_name}/heartbeat", Heartbeat, ALIVE)


RESET_WORLD = ServiceName("reset_world", ResetWorld)
LOAD_WEIGHTS = ServiceName("load_weights", LoadWeights)
LABEL_EPISODE = ServiceName("label_episode", LabelEpisode)
PENDING_EPISODES = ServiceName("pending_episodes", PendingEpisodes)
ENABLE_MOTION = ServiceName("enable_motion", EnableMotion)
STOP = ServiceName("stop", Trigger)
RESET_STOP = ServiceName("reset_stop", Trigger)
GO_HOME = ServiceName("go_home", Trigger)
APPROVE_MOTION = ServiceName("approve_motion", ApproveMotion)
CONFIRM_SCENE = ServiceName("confirm_scene", ConfirmScene)
RECOVER = ServiceName("recover", Trigger)

PLAN_VIDEO = ActionName("plan_video", PlanVideo)
INFER_ACTIONS = ActionName("infer_actions", InferActions)
FINETUNE = ActionName("finetune", Finetune)
RUN_EPISODE = ActionName("run_episode", RunEpisode)
RUN_SAIL = ActionName("run_sail", RunSail)
# A chunk passes three servers: the executor, the guard behind it, and the world (sim bridge or driver) behind that.
EXECUTE_CHUNK = ActionName("execute_chunk", ExecuteChunk)
GUARD_EXECUTE_CHUNK = ActionName("guard/execute_chunk", ExecuteChunk)
WORLD_EXECUTE_CHUNK = ActionName("world/execute_chunk", ExecuteChunk)
