"""`adapt stop`, `adapt reset-stop`, `adapt recover`."""

from __future__ import annotations

from adapt_core.errors import AdaptError

from adapt_cli import options
from adapt_cli.console import out


def stop(robot: options.RobotArgument, namespace: options.Namespace = "") -> None:
    """Stop what the robot does; nothing moves until reset-stop.

    A software stop, not safety-rated: in danger press the robot's own emergency stop.

    Examples:  adapt stop panda
    """
    _call("guard", "STOP", robot, namespace)


def reset_stop(robot: options.RobotArgument, namespace: options.Namespace = "") -> None:
    """Take back a stop. Nothing moves before it is told to.

    Examples:  adapt reset-stop panda
    """
    _call("guard", "RESET_STOP", robot, namespace)


def recover(robot: options.RobotArgument, namespace: options.Namespace = "") -> None:
    """Clear the errors of an arm that stopped itself at a contact, once its way is clear.

    Examples:  adapt recover panda
    """
    _call("arm_driver", "RECOVER", robot, namespace)


def _call(node: str, service: str, robot: str, namespace: str) -> None:
    """Call one of the services of `adapt_ros.interfaces` that take nothing. Raises AdaptError with its message."""
    from adapt_cli.ros_there import require_ros

    require_ros()
    from adapt_ros.graph import absolute

    from adapt_cli.graph_session import GraphSession
    from adapt_ros import interfaces

    name = getattr(interfaces, service)
    with GraphSession(absolute(namespace or robot)) as session:
        session.expect(node)
        answer = session.calls(node).service(name.client(session.node), name.type.Request())
    if not answer.success:
        raise AdaptError(answer.message)
    out().print(answer.message or "done")
