"""`adapt evaluate`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from adapt_cli import options
from adapt_cli.console import out

if TYPE_CHECKING:
    from adapt_core.evaluation import SuccessRate


def evaluate(
    task: options.Task,
    robot: options.Robot = "metaworld",
    episodes: Annotated[int, typer.Option(help="How many, one seed each.", min=1)] = 30,
    first_seed: Annotated[int, typer.Option(help="Seed of the first; equal seeds give equal scenes.", min=0)] = 0,
    weights: Annotated[str, typer.Option(help="Version of the in-domain weights. Default: the preset's.")] = "",
    run: options.RunOption = None,
    preset: options.Preset = "tiny",
    method: options.Method = "",
) -> None:
    """Count successes over seeded episodes, in this process, with the 95 % interval of the rate.

    To compare two methods or versions, give both the same seeds. Weights of a run: --run RUN --weights VERSION.

    Examples:

    adapt evaluate drawer-close --episodes 50

    adapt evaluate drawer-close --run runs/mine --weights mine-002
    """
    from adapt_core.evaluation import evaluate as count

    from adapt_cli.bars import bar
    from adapt_cli.in_process import InProcess
    from adapt_cli.interrupt import stop_on_interrupt
    from adapt_cli.sail_job import robot_and_task, run_folder

    the_robot, the_task = robot_and_task(robot, task, preset)
    folder = run_folder(run, f"evaluate-{task}")
    seeds = range(first_seed, first_seed + episodes)
    with (
        stop_on_interrupt("Ending; what was run is kept.") as should_stop,
        InProcess(the_robot, folder, preset, method) as parts,
        bar("episodes") as report,
    ):
        if weights:
            parts.planner.load_weights(weights)
        version = parts.planner.weights_version

        def progress(rate: SuccessRate) -> None:
            report(rate.episodes, episodes, f"{rate.successes} succeeded")

        rate = count(
            parts.runner,
            the_task,
            seeds,
            f"evaluate-{version}",
            the_robot.max_steps,
            the_robot.control_loop,
            progress,
            should_stop,
        )
    interval = rate.interval
    out().print(
        f"{the_task.id}: {rate.successes} of {rate.episodes} succeeded, {rate.successes / rate.episodes:.0%} "
        f"(95 % interval {interval.low:.0%} to {interval.high:.0%})"
    )
    out().print(f"weights {version}, method {parts.method}, seeds {seeds.start} to {seeds.stop - 1}")
    out().print(f"episodes {folder.episodes}")
