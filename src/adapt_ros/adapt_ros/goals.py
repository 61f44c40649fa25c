"""How every goal ends: done, cancelled, or aborted with a message that says what to do."""

from __future__ import annotations

import traceback
from collections.abc import Awaitable
from typing import Any, TypeVar

from adapt_core.errors import AdaptError, CancelledByUserError
from adapt_core.ports import StopCheck

from adapt_ros.node import AdaptNode

R = TypeVar("R")


async def conclude(node: AdaptNode, goal: Any, result: R, filling: Awaitable[None]) -> R:
    """Await `filling`, which fills `result`, and end `goal` by how that went; `result.message` says what went wrong."""
    try:
        await filling
    except CancelledByUserError as error:
        _end_badly(goal, result, str(error), goal.is_cancel_requested)
    except AdaptError as error:
        node.get_logger().error(str(error))
        _end_badly(goal, result, str(error), False)
    except Exception as error:
        node.get_logger().error(traceback.format_exc())
        _end_badly(goal, result, f"{node.get_name()} failed unexpectedly: {error!r}; see its log", False)
    else:
        if goal.is_active:  # `filling` may have ended it itself
            goal.succeed()
    return result


def stop_check(node: AdaptNode, goal: Any) -> StopCheck:
    """True once the goal is cancelled or the node's process ends; for worker threads."""
    return lambda: goal.is_cancel_requested or node.should_stop()


def _end_badly(goal: Any, result: Any, message: str, cancelled: bool) -> None:
    result.message = message
    if cancelled:
        goal.canceled()
    else:
        goal.abort()
