"""Labels episodes: for people through services, and by the simulator's truth where that is wanted."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from adapt_core.episode_store import EpisodeMeta, EpisodeStore
from adapt_core.errors import AdaptError
from adapt_core.labelers import SIMULATOR, SimulatorLabeler
from adapt_core.types import LabelValue, Outcome

from adapt_interfaces import msg
from adapt_interfaces.srv import LabelEpisode, PendingEpisodes
from adapt_ros.convert import to_episode_status, wall_time
from adapt_ros.graph_settings import GraphSettings
from adapt_ros.interfaces import EPISODE_STATUS, LABEL, LABEL_EPISODE, PENDING_EPISODES
from adapt_ros.node import AdaptNode
from adapt_ros.params import param, read_parameters
from adapt_ros.run_node import run_node


class LabelSource(StrEnum):
    """Who judges episodes. A person may always correct the simulator."""

    SIMULATOR = "simulator"
    OPERATOR = "operator"


@dataclass(frozen=True)
class LabelerSettings(GraphSettings):
    """Parameters of the node."""

    labels: LabelSource = param("simulator", "who judges episodes: simulator or operator")  # noqa: RUF009 - a field


class LabelerNode(AdaptNode):
    """All access to the store is in the worker thread: appending a label waits for the disk."""

    def __init__(self, **node_arguments: Any) -> None:
        super().__init__("labeler", **node_arguments)
        self._settings = read_parameters(self, LabelerSettings)
        self._store = EpisodeStore(self._settings.run_folder.episodes)
        self._label = LABEL.publisher(self)
        self._label_server = LABEL_EPISODE.server(self, self._label_episode)
        self._pending_server = PENDING_EPISODES.server(self, self._pending)
        if self._settings.labels is LabelSource.SIMULATOR:
            self._ended = EPISODE_STATUS.subscription(self, self._on_episode)

    def begin(self) -> None:
        """Judge what ended while no labeler ran."""
        if self._settings.labels is LabelSource.SIMULATOR:
            for meta in self._store.pending():
                self._judge(meta.episode_id)

    async def _label_episode(
        self, request: LabelEpisode.Request, response: LabelEpisode.Response
    ) -> LabelEpisode.Response:
        try:
            await self.in_worker(self._append, request.episode_id, request.value, request.operator_name)
            response.success = True
        except AdaptError as error:
            response.message = str(error)
        return response

    async def _pending(
        self, _: PendingEpisodes.Request, response: PendingEpisodes.Response
    ) -> PendingEpisodes.Response:
        try:
            metas: list[EpisodeMeta] = await self.in_worker(self._store.pending)
        except AdaptError as error:
            self.get_logger().error(str(error))
            return response
        response.episodes = [to_episode_status(meta, str(self._store.root)) for meta in metas]
        return response

    def _on_episode(self, status: msg.EpisodeStatus) -> None:
        if status.outcome == Outcome.COMPLETED and status.store == str(self._store.root):
            self.submit(lambda: self._judge(status.episode_id))

    def _judge(self, episode_id: str) -> None:
        """Label by the simulator's truth, where it has one and nobody was faster."""
        try:
            if self._store.meta(episode_id).success is None or self._store.label_of(episode_id) != LabelValue.UNLABELED:
                return
            value = SimulatorLabeler(self._store).wait_for_label(episode_id)
        except AdaptError as error:
            self.get_logger().error(str(error))
        else:
            self._publish(episode_id, value.value, SIMULATOR)

    def _append(self, episode_id: str, value: str, operator: str) -> None:
        if value not in list(LabelValue):
            raise AdaptError(f'"{value}" is no label: choose one of {", ".join(LabelValue)}')
        if not operator:
            raise AdaptError("a label needs the name of who judges: fill in operator_name")
        self._store.label(episode_id, LabelValue(value), operator)
        self._publish(episode_id, value, operator)

    def _publish(self, episode_id: str, value: str, operator: str) -> None:
        store = str(self._store.root)
        label = msg.Label(stamp=wall_time(), store=store, episode_id=episode_id, value=value, operator_name=operator)
        self._label.publish(label)


def main() -> None:
    """Entry point of the executable."""
    run_node(LabelerNode)


if __name__ == "__main__":
    main()
