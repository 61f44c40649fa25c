"""What a running graph sees, plans and does, drawn live by rerun. It only listens: no node ever waits for it.

Import only where ROS and rerun are: see `ros_there` and `extras`.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import replace
from types import TracebackType
from typing import Any, Self

import numpy as np
import rerun as rr
import rerun.blueprint as rrb
from adapt_core.errors import ImageError, PeerLostError
from adapt_ros.convert import from_observation, from_video_plan
from adapt_ros.endpoints import Topic
from adapt_ros.interfaces import EPISODE_STATUS, GUARD_STATUS, LABEL, OBSERVATION, SENSOR, VIDEO_PLAN
from adapt_ros.node import AdaptNode

QUEUE = 16  # messages of a topic that wait to be drawn; beyond that the oldest are dropped
TRAIL = 200  # positions of the hand that stay visible
ENDING_S = 5.0  # how long a viewer may take to receive what was drawn last

LAYOUT = rrb.Blueprint(
    rrb.Vertical(
        rrb.Horizontal(
            rrb.Spatial2DView(origin="camera", name="camera"),
            rrb.Spatial3DView(origin="hand", name="hand"),
            rrb.TextDocumentView(origin="instruction", name="instruction"),
        ),
        rrb.Spatial2DView(origin="plan", name="imagined"),
        rrb.Horizontal(
            rrb.TimeSeriesView(origin="gripper", name="gripper opening"),
            rrb.TextLogView(origin="events", name="events"),
        ),
        row_shares=[3, 2, 2],
    )
)


class LiveView:
    """From `with` to the end of its block: `node` listens, a thread of its own draws into `recording`.

    Where drawing is slower than the robot, the oldest messages of a topic are dropped. `heard`, `drawn` and `dropped` count
    messages.
    """

    def __init__(self, node: AdaptNode, recording: rr.RecordingStream) -> None:
        self.heard = self.drawn = self.dropped = 0
        self._recording = recording
        self._trail: deque[list[float]] = deque(maxlen=TRAIL)
        self._changed = threading.Condition()
        self._ending = False
        self._error: Exception | None = None
        self._thread = threading.Thread(target=self._run, name="live_view", daemon=True)
        self._draw: dict[str, Callable[[Any], None]] = {}
        self._waiting: dict[str, deque[Any]] = {}
        # The graph offers its observations reliably; this reader takes the newest and asks for none again.
        self._listen(node, replace(OBSERVATION, qos=SENSOR), self._observation)
        self._listen(node, VIDEO_PLAN, self._plan)
        self._listen(node, EPISODE_STATUS, self._episode)
        self._listen(node, LABEL, self._label)
        self._listen(node, GUARD_STATUS, self._guard)

    def check(self) -> None:
        """Raise PeerLostError when the viewer is gone."""
        if self._error is not None:
            raise PeerLostError(f"the viewer is gone or does not listen ({self._error}): start `adapt watch` again")

    def __enter__(self) -> Self:
        """Begin to draw."""
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Draw what waits and end; a viewer that hangs is waited for ENDING_S and no longer."""
        with self._changed:
            self._ending = True
            self._changed.notify()
        self._thread.join(ENDING_S)

    def _listen(self, node: AdaptNode, topic: Topic, draw: Callable[[Any], None]) -> None:
        waiting: deque[Any] = deque(maxlen=QUEUE)
        self._draw[topic.name], self._waiting[topic.name] = draw, waiting

        def hear(message: Any) -> None:
            with self._changed:
                self.heard += 1
                self.dropped += len(waiting) == QUEUE
                waiting.append(message)
                self._changed.notify()

        topic.subscription(node, hear)

    def _run(self) -> None:
        try:
            while (batch := self._next()) is not None:
                for name, message in batch:
                    self._try(name, message)
                    self.drawn += 1
                self._recording.flush(timeout_sec=ENDING_S)
            self._recording.disconnect()
        except Exception as error:  # rerun's, whatever it is: `check` says so to who watches
            self._error = error

    def _next(self) -> list[tuple[str, Any]] | None:
        """What waits, once something does; None when all is drawn and the block ends."""
        with self._changed:
            self._changed.wait_for(lambda: self._ending or any(self._waiting.values()))
            batch = [(name, message) for name, waiting in self._waiting.items() for message in waiting]
            for waiting in self._waiting.values():
                waiting.clear()
        return batch or None

    def _try(self, name: str, message: Any) -> None:
        try:
            self._draw[name](message)
        except (ImageError, ValueError) as error:
            self._event(f"{name} cannot be drawn: {error}", rr.TextLogLevel.WARN)

    def _observation(self, message: Any) -> None:
        seen = from_observation(message)
        self._recording.log("camera", rr.Image(seen.image))
        if seen.end_effector is None:
            return
        if seen.step == 0:
            self._trail.clear()
        self._trail.append(seen.end_effector[:3].tolist())
        self._recording.log("hand/now", rr.Transform3D(
            translation=seen.end_effector[:3], quaternion=rr.Quaternion(xyzw=seen.end_effector[3:7])
        ), rr.Arrows3D(vectors=0.1 * np.eye(3), colors=255 * np.eye(3, dtype=np.uint8)))  # fmt: skip
        self._recording.log("hand/trail", rr.LineStrips3D([list(self._trail)]))
        self._recording.log("gripper/opening", rr.Scalars(seen.end_effector[7]))

    def _plan(self, message: Any) -> None:
        plan = from_video_plan(message)
        self._recording.log("plan", rr.Image(np.concatenate(list(plan.frames), axis=1)))  # (h, f w, 3)
        words = f"# {plan.in_domain_prompt}\n\n{plan.prior_prompt}\n\nweights {plan.weights_version}, seed {plan.seed}"
        self._recording.log("instruction", rr.TextDocument(words, media_type=rr.MediaType.MARKDOWN))

    def _episode(self, message: Any) -> None:
        why = f": {message.reason}" if message.reason else ""
        self._event(f"episode {message.episode_id} {message.outcome} after {message.steps} steps{why}")

    def _label(self, message: Any) -> None:
        self._event(f"episode {message.episode_id} judged {message.value} by {message.operator_name}")

    def _guard(self, message: Any) -> None:
        held = [word for word in ("enabled", "stopped", "moving") if getattr(message, word)]
        why = f" ({message.code}: {message.message})" if message.code else ""
        level = rr.TextLogLevel.ERROR if message.stopped else rr.TextLogLevel.INFO
        self._event(f"guard: {', '.join(held) or 'not enabled'}{why}", level)

    def _event(self, text: str, level: rr.TextLogLevel = rr.TextLogLevel.INFO) -> None:
        self._recording.log("events", rr.TextLog(text, level=level))
