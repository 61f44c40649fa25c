"""`adapt evaluate`."""

from __future__ import annotations

import shlex
from typing import Annotated

import typer
from adapt_core.errors import ConfigError

from adapt_cli import options


def evaluate(
    tasks: Annotated[list[str], typer.Argument(help="One task or several: see config/tasks/.", metavar="TASK...")],
    robot: options.Robot = "metaworld",
    episodes: Annotated[int, typer.Option(help="How many of each, one seed each.", min=1)] = 30,
    first_seed: Annotated[int, typer.Option(help="Seed of the first; equal seeds give equal scenes.", min=0)] = 0,
    weights: Annotated[str, typer.Option(help="Version of the in-domain weights. Default: the preset's.")] = "",
    run: options.RunOption = None,
    preset: options.Preset = "",
    method: Annotated[
        str,
        typer.Option(
            help="Methods with commas between: ipa, pa, in_domain, vanilla, and the controls random_waypoint and "
            "expert_frames. Default: the preset's.",
            metavar="NAMES",
        ),
    ] = "",
    control_loop: options.Loop = None,
    worlds: options.Worlds = None,
) -> None:
    """Count successes over seeded episodes, in this process, with the 95 % interval of each rate.

    Methods are tried in the same scenes. The same command with --run FOLDER goes on where it was. Weights of a run: --run
    RUN --weights VERSION. Writes a table, its pictures and its rows to the folder evaluation/ of the run.

    Examples:

    adapt evaluate drawer-close --episodes 50

    adapt evaluate drawer-close door-open --method ipa,in_domain,random_waypoint

    adapt evaluate drawer-close --run runs/mine --weights mine-002
    """
    from adapt_core.robots import preset_for
    from adapt_core.tables import Control, Table
    from adapt_learning.diffusion.evaluate import Method
    from adapt_learning.preset import load_preset

    from adapt_cli.guarded_worlds import default_worlds
    from adapt_cli.sail_job import run_folder
    from adapt_cli.tables.show import run_and_print
    from adapt_cli.tables.table_run import TableRun

    preset = preset_for(robot, preset)
    asked = [name.strip() for name in method.split(",")] if method else [load_preset(preset).sampler.method.value]
    known = [*Method, *Control]
    if unknown := [name for name in asked if name not in known]:
        raise ConfigError(f"--method: there is no {unknown[0]}; there are: {', '.join(known)}")
    folder = run_folder(run, f"evaluate-{tasks[0]}")
    table = Table(
        name="evaluate",
        about=f"Success at {', '.join(tasks)}",
        robot=robot,
        preset=preset,
        tasks=tuple(dict.fromkeys(tasks)),
        methods=tuple(name for name in asked if name in list(Method)),
        controls=tuple(Control(name) for name in asked if name in list(Control)),
        episodes=episodes,
        seeds=(0,),
        first_scene=first_seed,
        control_loop=control_loop,
    )
    parts = ["adapt", "evaluate", *tasks, "--robot", robot, "--preset", preset, "--method", ",".join(asked)]
    parts += ["--episodes", str(episodes), "--first-seed", str(first_seed)]
    parts += ["--weights", weights] if weights else []
    parts += ["--control-loop", control_loop.value] if control_loop else []
    run_and_print(
        TableRun(table, folder, worlds or default_worlds(episodes), shlex.join(parts), weights),
        folder.path / "evaluation",
    )
