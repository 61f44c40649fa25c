"""Runs the loop where the user wants it, shows it, and reports."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

from adapt_core.ports import StopCheck
from adapt_core.sail_request import SailProgress
from adapt_core.tasks import load_suite

from adapt_cli.bars import bar
from adapt_cli.collecting import Collection, collect
from adapt_cli.commands.report import make_report, print_report
from adapt_cli.console import err
from adapt_cli.interrupt import stop_on_interrupt
from adapt_cli.sail_job import SailJob
from adapt_cli.sail_screen import SailScreen
from adapt_cli.where import Where

FIRST_DEMO_SEED = 1_000_000  # far from the seeds of rollouts
RESUME = "Ending in order; the same command resumes the run."
RunLoop = Callable[[SailJob, Callable[[SailProgress], None], StopCheck], None]


def run_and_report(job: SailJob, where: Where, demos: int) -> None:
    """Open what runs the loop, collect demonstrations where they are missing, run, report."""
    err().print(f"run folder {job.folder.path}")
    with _opened(job, where) as run_loop:
        if job.data == job.folder.demos and demos:
            collect_demonstrations(job, demos)
        with (
            stop_on_interrupt(RESUME) as should_stop,
            SailScreen(job.settings.iterations, job.settings.episodes) as screen,
        ):
            run_loop(job, screen, should_stop)
    print_report(make_report(job.folder))


def collect_demonstrations(job: SailJob, count: int) -> None:
    """`count` demonstrations of each seen task of the suite, where the run does not have them."""
    tasks = tuple(load_suite(job.robot.suite).seen())
    collection = Collection(job.robot, tasks, count, FIRST_DEMO_SEED)
    with bar("demonstrations") as report:
        collect(collection, job.folder.demos, report)


@contextmanager
def _opened(job: SailJob, where: Where) -> Iterator[RunLoop]:
    """What is to run the loop, ready to do so. Raises AdaptError where it cannot be had."""
    if where.in_process:
        from adapt_cli.in_process import InProcess

        with InProcess(job.robot, job.folder, job.preset, job.method) as parts:
            yield parts.run_sail
        return
    from adapt_cli.graph_start import graph_or_running
    from adapt_cli.through_graph import check_run_folder, run_sail

    with graph_or_running(job.robot, job.folder, job.preset, job.method, where) as session:
        check_run_folder(session, job.folder.path)
        yield partial(run_sail, session)
