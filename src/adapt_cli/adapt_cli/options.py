"""Options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from adapt_core.types import ControlLoop, LabelValue, Outcome

RobotArgument = Annotated[
    str, typer.Argument(help="Robot or simulated world: a file of config/robots/.", metavar="ROBOT")
]
Robot = Annotated[
    str, typer.Option("--robot", "-r", help="Robot or simulated world: a file of config/robots/.", metavar="NAME")
]
Preset = Annotated[
    str,
    typer.Option(
        "--preset",
        help="Sizes and settings of the models: a file of config/models/. Default: the robot's.",
        metavar="NAME",
    ),
]
Method = Annotated[
    str,
    typer.Option(
        "--method", help="How video models are combined: ipa, pa or in_domain. Default: the preset's.", metavar="NAME"
    ),
]
Loop = Annotated[
    ControlLoop | None, typer.Option(help="How much of a plan is executed before the next one. Default: the robot's.")
]
Seed = Annotated[int, typer.Option("--seed", help="Same seed, same scenes and same noise.", min=0)]
RunArgument = Annotated[Path, typer.Argument(help="Folder of the run, e.g. runs/demo.", metavar="RUN")]
RunOption = Annotated[
    Path | None, typer.Option("--run", help="Folder of the run. Default: runs/<task>-<date>.", metavar="FOLDER")
]
InProcess = Annotated[bool, typer.Option("--in-process", help="Without ROS: everything in this one process.")]
Up = Annotated[bool, typer.Option("--up", help="Start the graph for this command and stop it afterwards.")]
Namespace = Annotated[
    str, typer.Option("--namespace", help="Namespace of the graph. Default: the robot's name.", metavar="NAME")
]
Task = Annotated[str, typer.Argument(help="The task, e.g. drawer-close: see config/tasks/.", metavar="TASK")]
Demos = Annotated[bool, typer.Option("--demos", help="The run's demonstrations instead.")]
OfTask = Annotated[str, typer.Option("--task", help="Only of this task.", metavar="ID")]
OfIteration = Annotated[int | None, typer.Option("--iteration", help="Only of this iteration.")]
OfOutcome = Annotated[Outcome | None, typer.Option("--outcome", help="Only with this outcome.")]
OfLabel = Annotated[LabelValue | None, typer.Option("--label", help="Only with this label.")]
Lossless = Annotated[bool, typer.Option("--lossless", help="Images as PNG: larger, and every bit is kept.")]
Worlds = Annotated[
    int | None, typer.Option(help="Worlds simulated at once, a process each. Default: one a core, up to 8.", min=1)
]
