"""A table of results as a page of Markdown."""

from __future__ import annotations

from collections.abc import Sequence

from adapt_core.statistics import SIGNIFICANT

from adapt_cli.tables.results import Result
from adapt_cli.tables.summary import comparisons, iterations_of, labels_of, rate_of, tasks_of
from adapt_cli.tables.table_run import TableRun

FEW = 10  # episodes below which an interval spans most of what is possible


def page(run: TableRun, results: Sequence[Result], pictures: Sequence[str]) -> str:
    """The whole page; `pictures` are files beside it."""
    table = run.table
    lines = [f"# {table.about}", "", f"    {run.command}", "", *_facts(run, results), "", *_rates(results), ""]
    lines += ["Successes of episodes, with the Wilson interval at 95 %. Equal scenes and noise for all methods.", ""]
    fewest = min((len(result.episodes) for result in results), default=0)
    if fewest < FEW:
        lines += [f"With {fewest} episodes a cell this shows that the harness runs, not how well anything works.", ""]
    refused = sum(bool(meta.reason) for result in results for meta in result.episodes)
    if refused:
        lines += [f"{refused} episodes ended with a refused plan or a contact; they count as failures.", ""]
    lines += [*_pairs(results), ""]
    lines += [line for name in pictures for line in (f"![{name}]({name})", "")]
    return "\n".join(lines)


def _facts(run: TableRun, results: Sequence[Result]) -> list[str]:
    table, sampler = run.table, run.preset.sampler
    codes = ", ".join(sorted({meta.code_version for result in results for meta in result.episodes}))
    facts = [
        f"Robot `{table.robot}`, preset `{table.preset}` (prior: {run.preset.prior.kind}, {sampler.steps} sampler steps)",
        f"seeds {', '.join(map(str, table.seeds))}",
        f"at most {run.robot.max_steps} frames an episode, {run.robot.control_loop.value.replace('_', '-')} loop",
    ]
    if table.loop is not None:
        data = table.loop.initial_data
        share = f" with {data.random_share:.0%} random actions" if data.random_share else ""
        midway = f" and {data.midway} that begin midway" if data.midway else ""
        facts.append(f"loops start with {data.count} demonstrations{share}{midway} of each of {', '.join(data.tasks)}")
        if table.loop.experience_share is not None:
            facts.append(f"{table.loop.experience_share:.0%} of each finetuning batch is experience")
    return [f"{'; '.join(facts)}; code {codes}."]


def _rates(results: Sequence[Result]) -> list[str]:
    tasks, loops = tasks_of(results), any(result.iteration for result in results)
    novel = {result.task.id: result.task.novel for result in results}
    heads = [task if novel[task] else f"{task} (seen)" for task in tasks] + (["all"] if len(tasks) > 1 else [])
    lines = [
        "| method | " + ("iteration | " if loops else "") + " | ".join(heads) + " |",
        "|---|" + ("--:|" if loops else "") + "---|" * len(heads),
    ]
    for label in labels_of(results):
        for iteration in iterations_of(results, label):
            cells = [str(rate_of(results, label, iteration, task)) for task in tasks]
            cells += [str(rate_of(results, label, iteration))] if len(tasks) > 1 else []
            number = f"{iteration} | " if loops else ""
            lines.append(f"| {label} | {number}{' | '.join(cells)} |")
    return lines


def _pairs(results: Sequence[Result]) -> list[str]:
    compared = comparisons(results)
    if not compared:
        return []
    loops = any(result.iteration for result in results)
    lines = [
        "Paired by scene (McNemar's exact test, two-sided, all tasks together):",
        "",
        "| compared | "
        + ("iteration | " if loops else "")
        + "scenes | only the first succeeded | only the second | p |",
        "|---|" + ("--:|" if loops else "") + "--:|--:|--:|--:|",
    ]
    for one in compared:
        sign = " *" if one.p < SIGNIFICANT else ""
        number = f"{one.iteration} | " if loops else ""
        lines.append(
            f"| {one.one}, {one.other} | {number}{one.scenes} | {one.only_one} | {one.only_other} | {one.p:.3g}{sign} |"
        )
    return [*lines, "", f"\\* below {SIGNIFICANT}; not corrected for the number of comparisons."]
