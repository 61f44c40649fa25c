"""Turns imagined frames into actions: the InferActions action."""

from __future__ import annotations

from typing import Any

from adapt_core.ports import InverseDynamics

from adapt_interfaces.action import InferActions
from adapt_ros.convert import from_observation, from_video_plan, to_chunk
from adapt_ros.goals import conclude
from adapt_ros.interfaces import INFER_ACTIONS
from adapt_ros.managed_node import ManagedNode
from adapt_ros.models import ModelSettings, make_inverse_dynamics
from adapt_ros.params import read_parameters
from adapt_ros.run_node import run_node


class InverseDynamicsNode(ManagedNode):
    """Goals are served one after another in the worker thread."""

    def __init__(self, inverse_dynamics: InverseDynamics | None = None, **node_arguments: Any) -> None:
        """`inverse_dynamics` in place of the one that the parameters describe."""
        super().__init__("inverse_dynamics", **node_arguments)
        self._settings = read_parameters(self, ModelSettings)
        self._given = inverse_dynamics

    def configure(self) -> None:
        """Load the model."""
        self._inverse_dynamics = self._given or make_inverse_dynamics(self._settings)
        self._server = INFER_ACTIONS.server(self, self._infer, accept=lambda _: self.active)

    def cleanup(self) -> None:
        """Free the model."""
        self._server.destroy()
        del self._inverse_dynamics

    async def _infer(self, goal: Any) -> InferActions.Result:
        result = InferActions.Result()
        return await conclude(self, goal, result, self._fill(result, goal.request))

    async def _fill(self, result: InferActions.Result, request: InferActions.Goal) -> None:
        observation, plan = from_observation(request.observation), from_video_plan(request.plan)
        chunk = await self.in_worker(self._inverse_dynamics.infer, observation, plan)
        result.chunk = to_chunk(chunk)


def main() -> None:
    """Entry point of the executable."""
    run_node(InverseDynamicsNode)


if __name__ == "__main__":
    main()
