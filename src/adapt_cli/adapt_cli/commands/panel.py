"""`adapt panel`."""

from __future__ import annotations

import getpass
from pathlib import Path
from typing import Annotated

import typer
from adapt_core.errors import ConfigError

from adapt_cli import options


def panel(
    run: Annotated[Path | None, typer.Argument(help="Label this run folder, without a graph.", metavar="[RUN]")] = None,
    robot: options.Robot = "metaworld",
    namespace: options.Namespace = "",
    operator: Annotated[
        str, typer.Option("--operator", help="Who judges and enables motion. Default: your user name.", metavar="NAME")
    ] = "",
) -> None:
    """Open the operator's panel: judge episodes, enable and stop motion, approve plans, recover after a reflex.

    It minds the graph of a robot, and waits for it where it does not run yet. With a run folder it only labels, and needs
    no graph. Closing it takes the robot's permission to move away.

    Examples:  adapt panel --robot panda  ·  adapt panel runs/mine
    """
    _require_qt()
    name = operator or getpass.getuser()
    if run is not None:
        if namespace:
            raise ConfigError("a run folder needs no graph: leave out --namespace, or the folder")
        _label_folder(run, name)
    else:
        _mind_graph(namespace or robot, name)


def _label_folder(run: Path, operator: str) -> None:
    from adapt_rqt.application import run_application
    from adapt_rqt.store_panel import StorePanel

    from adapt_cli.run_store import existing_run, open_store

    store = open_store(existing_run(run))
    run_application(lambda: StorePanel(store, operator))


def _mind_graph(namespace: str, operator: str) -> None:
    from adapt_cli.ros_there import require_ros

    require_ros()
    from adapt_ros.graph import absolute
    from adapt_rqt.application import run_application
    from adapt_rqt.graph_panel import GraphPanel

    from adapt_cli.graph_session import GraphSession

    with GraphSession(absolute(namespace)) as session:
        run_application(lambda: GraphPanel(session.node, operator))


def _require_qt() -> None:
    try:
        import python_qt_binding.QtWidgets  # noqa: F401
    except ImportError as error:
        raise ConfigError(
            f"the panel needs Qt ({error}): pip install 'adapt[panel]' -c constraints.txt, or apt-get install "
            "python3-pyqt5 ros-jazzy-python-qt-binding; at the terminal `adapt label RUN` does without"
        ) from error
