"""Runs the cells of a table: controls, methods, and loops."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import replace
from functools import partial
from itertools import groupby

from adapt_core.code_version import code_version
from adapt_core.episode_runner import PlanningEpisodeRunner
from adapt_core.episode_store import EpisodeStore
from adapt_core.evaluation import Evaluation, Trials, evaluate
from adapt_core.lockstep import LockstepEpisodeRunner
from adapt_core.ports import EpisodeBatchRunner, StopCheck
from adapt_core.recorded_planner import RecordedFrames
from adapt_core.settings import InitialData
from adapt_core.tables import EXTRA_STEPS, Cell, Control
from adapt_learning.model_family import ModelFamily

from adapt_cli.bars import bar
from adapt_cli.collecting import DEMO_SCENES, MIDWAY_SCENES, Collection, collect
from adapt_cli.guarded_worlds import close_all, guarded_worlds
from adapt_cli.in_process import InProcess, device
from adapt_cli.sail_job import SailJob, settings_from
from adapt_cli.sail_screen import SailScreen
from adapt_cli.tables.results import done
from adapt_cli.tables.table_run import TableRun

Play = Callable[[Cell], None]


def run_cells(run: TableRun, after_each: Callable[[Cell], None], should_stop: StopCheck) -> None:
    """Run what is missing, method by method. Raises AdaptError, CancelledByUserError."""
    for method, cells in groupby(run.table.cells(), lambda cell: cell.method):
        missing = [cell for cell in cells if not done(run, cell)]
        if not missing:
            continue
        with _player(run, method, missing[0], should_stop) as play:
            for cell in missing:
                play(cell)
                after_each(cell)


def _player(run: TableRun, method: str, first: Cell, should_stop: StopCheck) -> AbstractContextManager[Play]:
    """What runs the cells of `method`, of which `first` is one."""
    if method == Control.RANDOM_WAYPOINT:
        return nullcontext(partial(_wander, run))
    if method == Control.EXPERT_FRAMES:
        return _following_experts(run, should_stop)
    if first.filter is not None:
        return nullcontext(partial(_improve, run, should_stop))
    return _planning(run, method, should_stop)


def _wander(run: TableRun, cell: Cell) -> None:
    scenes = _in_scenes(run, cell)
    collection = replace(scenes, random_play=True, control=True, max_frames=run.robot.max_steps + 1)
    with bar(cell.name) as report:
        collect(collection, run.store_of(cell), report)


@contextmanager
def _following_experts(run: TableRun, should_stop: StopCheck) -> Iterator[Play]:
    robot, models = run.robot, ModelFamily(run.preset, device=device())
    store, worlds = EpisodeStore(run.folder.episodes), guarded_worlds(robot, run.worlds)
    try:
        acting = models.inverse_dynamics(worlds[0].spec, robot.frame_skip)

        def play(cell: Cell) -> None:
            with bar(f"{cell.name}: experts") as report:
                collect(_in_scenes(run, cell), run.experts, report)
            experts = RecordedFrames(EpisodeStore(run.experts), cell.task, run.preset.future_frames, robot.control_loop)
            runner = PlanningEpisodeRunner(
                worlds[0], experts, acting, store, robot, cell.method, models.version, code_version()
            )
            _evaluate(run, cell, LockstepEpisodeRunner.of(runner, worlds), store, should_stop)

        yield play
    finally:
        close_all(worlds)


@contextmanager
def _planning(run: TableRun, method: str, should_stop: StopCheck) -> Iterator[Play]:
    with InProcess(run.robot, run.folder, run.table.preset, method, run.worlds) as parts:
        if run.weights:
            parts.planner.load_weights(run.weights)
        yield lambda cell: _evaluate(run, cell, parts.batch, parts.store, should_stop)


def _evaluate(
    run: TableRun, cell: Cell, runner: EpisodeBatchRunner, store: EpisodeStore, should_stop: StopCheck
) -> None:
    robot, scenes = run.robot, run.table.scenes(cell.seed)
    asked = Evaluation(run.suite[cell.task], scenes, run.run_id(cell), robot.max_steps, robot.control_loop)
    with bar(cell.name) as report:

        def progress(trials: Trials) -> None:
            report(trials.episodes, len(scenes), f"{trials.successes} succeeded")

        evaluate(runner, store, asked, progress, should_stop)


def _improve(run: TableRun, should_stop: StopCheck, cell: Cell) -> None:
    """Run or resume the loop of one cell."""
    table, loop = run.table, run.table.loop
    assert loop is not None and cell.filter is not None, "only loops have a filter"
    method = table.planned_by(cell)
    _initial_demonstrations(run)
    given = {
        "iterations": loop.iterations,
        "episodes": table.episodes,
        "filter": cell.filter.value,
        "initial_data": InitialData.DEMOS.value,
        "initial_data_only": str(cell.method == EXTRA_STEPS).lower(),
        "experience_share": loop.experience_share,
        "finetune_last": "false",  # nobody would see what comes of it
        "finetune.steps": run.finetune_steps,
        "finetune.seed": cell.seed,
    }
    settings = settings_from(given, [], table.preset)
    folder = run.loop_folder(cell)
    job = SailJob(
        robot=run.robot,
        task=run.suite[cell.task],
        folder=folder,
        preset=table.preset,
        method=method,
        seed=cell.seed,
        settings=settings,
        data=run.folder.demos,
        control_loop=run.robot.control_loop,
    )
    with (
        InProcess(run.robot, folder, table.preset, method, run.worlds, run.latents) as parts,
        SailScreen(settings.iterations, settings.episodes) as screen,
    ):
        parts.run_sail(job, screen, should_stop)


def _initial_demonstrations(run: TableRun) -> None:
    """D_ini: what the embedded in-domain model has learned from, so that old data is old."""
    assert run.table.loop is not None
    data = run.table.loop.initial_data
    tasks = tuple(run.suite[task] for task in data.tasks)
    whole = Collection(run.robot, tasks, data.count, DEMO_SCENES, data.random_share, workers=run.worlds)
    midway = Collection(run.robot, tasks, data.midway, MIDWAY_SCENES, midway=True, workers=run.worlds)
    for collection in (whole, midway):
        if collection.count:
            with bar("initial demonstrations") as report:
                collect(collection, run.folder.demos, report)


def _in_scenes(run: TableRun, cell: Cell) -> Collection:
    """An expert's episode in each of a cell's scenes."""
    scenes = run.table.scenes(cell.seed)
    return Collection(run.robot, (run.suite[cell.task],), len(scenes), scenes.start, workers=run.worlds)
