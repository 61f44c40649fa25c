"""Runs the loop where the user wants it, shows it, and reports."""

from __future__ import annotations

from dataclasses import dataclass

from adapt_core.errors import ConfigError
from adapt_core.ports import StopCheck
from adapt_core.tasks import load_suite

from adapt_cli.bars import bar
from adapt_cli.collecting import Collection, collect
from adapt_cli.commands.report import make_report, print_report
from adapt_cli.interrupt import stop_on_interrupt
from adapt_cli.ros_there import require_ros
from adapt_cli.sail_job import SailJob
from adapt_cli.sail_screen import SailScreen

FIRST_DEMO_SEED = 1_000_000  # far from the seeds of rollouts
RESUME = "Ending in order; the same command resumes the run."


@dataclass(frozen=True)
class Where:
    """In this process, in a graph that runs, or in one that is started for this."""

    in_process: bool
    up: bool
    namespace: str

    @classmethod
    def of(cls, in_process: bool, up: bool, namespace: str) -> Where:
        """Raises ConfigError for options that exclude each other."""
        if in_process and (up or namespace):
            raise ConfigError("--in-process needs no graph: leave out --up and --namespace")
        return cls(in_process, up, namespace)


def run_and_report(job: SailJob, where: Where, demos: int) -> None:
    """Demonstrations where they are missing, the loop, the report."""
    if job.data == job.folder.demos and demos:
        collect_demonstrations(job, demos)
    if where.in_process:
        _in_process(job)
    else:
        _in_graph(job, where)
    print_report(make_report(job.folder))


def collect_demonstrations(job: SailJob, count: int) -> None:
    """`count` demonstrations of each seen task of the suite, where the run does not have them."""
    tasks = tuple(load_suite(job.robot.suite).seen())
    collection = Collection(job.robot, tasks, count, FIRST_DEMO_SEED)
    with bar("demonstrations") as report:
        collect(collection, job.folder.demos, report)


def _in_process(job: SailJob) -> None:
    from adapt_cli.in_process import InProcess

    with (
        stop_on_interrupt(RESUME) as should_stop,
        InProcess(job.robot, job.folder, job.preset, job.method) as parts,
        SailScreen(job.settings.iterations, job.settings.episodes) as screen,
    ):
        parts.run_sail(job, screen, should_stop)


def _in_graph(job: SailJob, where: Where) -> None:
    require_ros()
    from adapt_cli.graph_start import graph_or_running
    from adapt_cli.through_graph import run_sail

    with (
        stop_on_interrupt(RESUME) as should_stop,
        graph_or_running(
            job.robot, job.folder, job.preset, job.method, where.namespace, where.up
        ) as session,
        SailScreen(job.settings.iterations, job.settings.episodes) as screen,
    ):
        run_sail(session, job, screen, should_stop)
