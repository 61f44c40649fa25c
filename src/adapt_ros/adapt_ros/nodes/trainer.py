"""Finetunes the in-domain model: the Finetune action. A process of its own."""

from __future__ import annotations

from typing import Any

from adapt_core.ports import Trainer

from adapt_interfaces.action import Finetune
from adapt_ros.convert import from_finetune_goal
from adapt_ros.goals import conclude, stop_check
from adapt_ros.interfaces import FINETUNE
from adapt_ros.managed_node import ManagedNode
from adapt_ros.models import ModelSettings, make_trainer
from adapt_ros.params import read_parameters
from adapt_ros.run_node import run_node


class TrainerNode(ManagedNode):
    """Goals wait for one another in the worker thread, where training runs."""

    def __init__(self, trainer: Trainer | None = None, **node_arguments: Any) -> None:
        """`trainer` in place of the one that the parameters describe."""
        super().__init__("trainer", **node_arguments)
        self._settings = read_parameters(self, ModelSettings)
        self._given = trainer

    def configure(self) -> None:
        """Load what training starts from."""
        self._trainer = self._given or make_trainer(self._settings)
        self._server = FINETUNE.server(self, self._finetune, accept=lambda _: self.active)

    def cleanup(self) -> None:
        """Free the models."""
        self._server.destroy()
        del self._trainer

    async def _finetune(self, goal: Any) -> Finetune.Result:
        result = Finetune.Result()
        return await conclude(self, goal, result, self._fill(result, goal))

    async def _fill(self, result: Finetune.Result, goal: Any) -> None:
        def report(step: int, steps: int, loss: float) -> None:
            goal.publish_feedback(Finetune.Feedback(step=step, steps=steps, loss=loss))

        request = from_finetune_goal(goal.request)
        result.version = await self.in_worker(self._trainer.finetune, request, report, stop_check(self, goal))


def main() -> None:
    """Entry point of the executable."""
    run_node(TrainerNode)


if __name__ == "__main__":
    main()
