"""`adapt demo`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer
from adapt_core.errors import ConfigError

from adapt_cli import options
from adapt_cli.console import err, out, page

if TYPE_CHECKING:
    from adapt_cli.sail_job import SailJob

LEARNING_RATE = 1e-4  # larger than the paper's: few steps of a small model


def demo(
    run: options.RunOption = None,
    robot: options.Robot = "panda",
    task: Annotated[str, typer.Option(help="A task that the in-domain model was never shown.")] = "push-orange-cup",
    iterations: Annotated[int, typer.Option(help="Rounds of episodes and finetuning.", min=1)] = 2,
    episodes: Annotated[int, typer.Option(help="Episodes a round.", min=1)] = 4,
    demos: Annotated[int, typer.Option(help="Demonstrations of each seen task.", min=0)] = 2,
    finetune_steps: Annotated[int, typer.Option(help="Gradient steps of each finetuning.", min=1)] = 60,
    batch_size: Annotated[int, typer.Option(help="Clips a gradient step.", min=1)] = 8,
    preset: options.Preset = "",
    seed: options.Seed = 0,
    in_process: options.InProcess = False,
) -> None:
    """See it work: a few minutes of the whole loop in simulation, through a graph of real ROS 2 processes.

    Checks the machine, collects a few demonstrations, starts the graph, runs two rounds of episodes with real
    finetuning between them on a task that was never demonstrated, and leaves a report.

    Examples:

    adapt demo

    adapt demo --robot metaworld --task drawer-close
    """
    from adapt_core.robots import preset_for

    from adapt_cli.sail_job import SailJob, initial_store, robot_and_task, run_folder, settings_from
    from adapt_cli.sail_run import run_and_report
    from adapt_cli.where import Where

    preset = preset_for(robot, preset)
    _check_machine(in_process, preset)
    the_robot, the_task = robot_and_task(robot, task, preset)
    folder = run_folder(run, "demo")
    given = {
        "iterations": iterations,
        "episodes": episodes,
        "filter": "success",
        "initial_data": "demos" if demos else "empty",
        "finetune.steps": finetune_steps,
        "finetune.batch_size": batch_size,
        "finetune.learning_rate": LEARNING_RATE,
    }
    job = SailJob(
        robot=the_robot,
        task=the_task,
        folder=folder,
        preset=preset,
        method="",
        seed=seed,
        settings=settings_from(given, [], preset),
        data=initial_store("demos" if demos else "empty", folder),
        control_loop=the_robot.control_loop,
    )
    _introduce(job)
    run_and_report(job, Where.of(in_process, not in_process, ""), demos)
    out().print(
        f"\nLook at {folder.path / 'report' / 'overview.png'} and at the strips first. README.md says what else there is."
    )


def _check_machine(in_process: bool, preset: str) -> None:
    """Raise ConfigError where something needed is missing."""
    from adapt_cli.commands.doctor import all_checks, missing
    from adapt_cli.ros_there import require_ros

    err().print("looking at what is installed ...")
    if not in_process:
        require_ros()
    amiss = missing(all_checks(preset))
    if amiss:
        listed = "\n".join(f"  {check.name}: {check.found}. {check.advice}" for check in amiss)
        raise ConfigError(f"something that is needed is missing:\n{listed}")


def _introduce(job: SailJob) -> None:
    """Say what is about to be seen."""
    from rich.panel import Panel

    told = f"“{job.task.prior_prompt}”"
    unseen = "never shown to its in-domain model" if job.task.novel else "among those it was shown"
    text = (
        f"A simulated robot arm is told {told}, a task {unseen}. It imagines a video of the next moments, turns it into "
        f"motion, looks, and imagines on. {job.settings.iterations} rounds of {job.settings.episodes} episodes; after each "
        f"the video model is finetuned for {job.settings.finetune.steps} steps and its new weights are swapped in.\n\n"
        f"Everything goes to {job.folder.path}. The same command with --run {job.folder.path} resumes it."
    )
    page().print(Panel(text, title="adapt demo", title_align="left"))
