"""`adapt sail`."""

from __future__ import annotations

from typing import Annotated

import typer
from adapt_core.types import ExperienceFilter

from adapt_cli import options


def sail(
    task: options.Task,
    robot: options.Robot = "metaworld",
    run: options.RunOption = None,
    iterations: Annotated[int | None, typer.Option(help="Rounds of episodes and finetuning.", min=1)] = None,
    episodes: Annotated[int | None, typer.Option(help="Episodes a round.", min=1)] = None,
    experience: Annotated[
        ExperienceFilter | None, typer.Option("--filter", help="Which episodes are learned from.")
    ] = None,
    initial_data: Annotated[
        str, typer.Option(help="What the data starts with: demos, empty, or a folder of episodes.", metavar="DATA")
    ] = "demos",
    demos: Annotated[int, typer.Option(help="Demonstrations of each seen task, collected where missing.", min=0)] = 2,
    finetune_steps: Annotated[
        int | None, typer.Option(help="Gradient steps a finetuning. Default: the preset's.", min=1)
    ] = None,
    batch_size: Annotated[int | None, typer.Option(help="Clips a gradient step. Default: the preset's.", min=1)] = None,
    learning_rate: Annotated[
        float | None, typer.Option(help="Learning rate of the finetuning. Default: the preset's.")
    ] = None,
    override: Annotated[
        list[str] | None, typer.Option("--set", help="Any key of config/sail.yaml.", metavar="KEY=VALUE")
    ] = None,
    control_loop: options.Loop = None,
    preset: options.Preset = "",
    method: options.Method = "",
    seed: options.Seed = 0,
    in_process: options.InProcess = False,
    up: options.Up = False,
    namespace: options.Namespace = "",
) -> None:
    """Improve at a task: rounds of episodes, each followed by finetuning on them (the SAIL loop).

    Give the same command again to resume a run. What is not given is as in config/sail.yaml.
    Ctrl-C ends the run in order; nothing is lost.

    Examples:

    adapt sail drawer-close --run runs/mine --iterations 2 --episodes 4 --finetune-steps 100 --up

    adapt sail drawer-close --in-process --initial-data empty --filter none
    """
    from adapt_core.robots import preset_for

    from adapt_cli.sail_job import SailJob, initial_store, robot_and_task, settings_from
    from adapt_cli.sail_run import run_and_report
    from adapt_cli.where import Where

    preset = preset_for(robot, preset)
    the_robot, the_task = robot_and_task(robot, task, preset)
    given = {
        "iterations": iterations,
        "episodes": episodes,
        "filter": experience,
        "initial_data": "empty" if initial_data == "empty" else "demos",
        "finetune.steps": finetune_steps,
        "finetune.batch_size": batch_size,
        "finetune.learning_rate": learning_rate,
    }
    settings = settings_from(given, override or [], preset)
    where = Where.of(in_process, up, namespace)
    folder = where.folder(run, the_robot, task)
    data = initial_store(initial_data, folder)
    job = SailJob(
        robot=the_robot,
        task=the_task,
        folder=folder,
        preset=preset,
        method=method,
        seed=seed,
        settings=settings,
        data=data,
        control_loop=control_loop or the_robot.control_loop,
    )
    run_and_report(job, where, demos)
