"""Reading a parameter of a node of the graph. Import only where ROS is: see `ros_there`."""

from __future__ import annotations

from typing import Any

from rcl_interfaces.msg import ParameterValue
from rcl_interfaces.srv import GetParameters

from adapt_cli.graph_session import GraphSession


def parameter(session: GraphSession, node: str, name: str) -> ParameterValue:
    """An empty value where `node` has no such parameter. Raises PeerLostError, also where there is no graph."""
    session.expect(node)
    client = session.node.create_client(GetParameters, f"{node}/get_parameters")
    answer: Any = session.calls(node).service(client, GetParameters.Request(names=[name]))
    return answer.values[0] if answer.values else ParameterValue()
