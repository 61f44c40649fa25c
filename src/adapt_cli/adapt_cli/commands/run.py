"""`adapt run`."""

from __future__ import annotations

from typing import Annotated

import typer

from adapt_cli import options


def run(
    task: options.Task,
    prompt: Annotated[str, typer.Option(help="What to tell both models instead of the task's own prompts.")] = "",
    robot: options.Robot = "metaworld",
    seed: options.Seed = 0,
    run: options.RunOption = None,
    max_steps: Annotated[int | None, typer.Option(help="Recorded frames at most. Default: the robot's.", min=1)] = None,
    control_loop: options.Loop = None,
    preset: options.Preset = "",
    method: options.Method = "",
    in_process: options.InProcess = False,
    up: options.Up = False,
    namespace: options.Namespace = "",
) -> None:
    """Run one episode: imagine, act, look, imagine on.

    It talks to the graph that runs (adapt up), starts one (--up), or needs none (--in-process).
    Prints how the episode ended, where it is stored, and its strip of imagined and real frames.

    Examples:

    adapt run drawer-close --in-process

    adapt run drawer-close --prompt "push the drawer shut" --seed 3 --up
    """
    from adapt_core.robots import preset_for

    from adapt_cli.episode_job import EpisodeJob
    from adapt_cli.episode_run import run_and_show
    from adapt_cli.sail_job import robot_and_task
    from adapt_cli.where import Where

    preset = preset_for(robot, preset)
    the_robot, the_task = robot_and_task(robot, task, preset)
    where = Where.of(in_process, up, namespace)
    folder = where.folder(run, the_robot, task)
    job = EpisodeJob(
        robot=the_robot,
        task=the_task,
        prompt=prompt,
        folder=folder,
        preset=preset,
        method=method,
        seed=seed,
        max_steps=max_steps or the_robot.max_steps,
        control_loop=control_loop or the_robot.control_loop,
    )
    run_and_show(job, where)
