"""Runs one episode where the user wants it and shows how it ended."""

from __future__ import annotations

from adapt_core.episode_store import EpisodeStore
from adapt_core.errors import AdaptError
from adapt_core.ports import StepProgress, StopCheck
from adapt_core.run_folder import RunFolder
from adapt_core.types import EpisodeResult, Outcome
from rich.markup import escape

from adapt_cli.bars import bar
from adapt_cli.console import out
from adapt_cli.episode_job import EpisodeJob
from adapt_cli.interrupt import stop_on_interrupt
from adapt_cli.where import Where

STOPPING = "Ending the episode in order; its frames are kept."


def run_and_show(job: EpisodeJob, where: Where) -> None:
    """Run, draw the strip, print. Raises AdaptError when the episode was aborted."""
    with stop_on_interrupt(STOPPING) as should_stop, bar("episode") as report:

        def progress(step: int, steps: int) -> None:
            report(step, steps, "frames")

        result = (_in_process if where.in_process else _in_graph)(job, where, progress, should_stop)
    show(job.folder, result)


def show(folder: RunFolder, result: EpisodeResult) -> None:
    """How the episode ended and where its pictures are."""
    from adapt_cli.report.build import write_label_pictures

    store = EpisodeStore(folder.episodes)
    _, _, strip = write_label_pictures(store, store.meta(result.episode_id), folder.path)
    unknown = f"not judged: adapt label {escape(str(folder.path))}"
    words = {True: "[green]success[/]", False: "[red]failure[/]", None: unknown}
    out().print(f"outcome  {result.outcome}, {words[result.success]}, {result.steps} steps")
    out().print(f"episode  {folder.episodes / result.episode_id}\n  strip  {strip}")
    if result.outcome is Outcome.ABORTED:
        raise AdaptError(f"the episode was aborted: {result.reason}")


def _in_process(job: EpisodeJob, _: Where, progress: StepProgress, should_stop: StopCheck) -> EpisodeResult:
    from adapt_cli.in_process import InProcess

    with InProcess(job.robot, job.folder, job.preset, job.method) as parts:
        return parts.runner.run(job.request(), progress, should_stop)


def _in_graph(job: EpisodeJob, where: Where, progress: StepProgress, should_stop: StopCheck) -> EpisodeResult:
    from adapt_cli.graph_start import graph_or_running
    from adapt_cli.through_graph import run_episode

    with graph_or_running(job.robot, job.folder, job.preset, job.method, where) as session:
        return run_episode(session, job.robot, job.request(), progress, should_stop)
