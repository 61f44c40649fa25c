"""The summary as a page of Markdown."""

from __future__ import annotations

from adapt_cli.report.summary import IterationSummary, RunSummary


def markdown(summary: RunSummary) -> str:
    """The whole page."""
    seen = "never shown to the in-domain model" if summary.novel else "among the demonstrated ones"
    judges = (
        ", ".join(f"{name} ({count})" for name, count in summary.labels.items()) or "the simulator, no labels given"
    )
    facts = {
        "Robot": f"{summary.robot}, suite {summary.suite}",
        "Task": f"{summary.task} ({seen})",
        "Told to the in-domain model": f"“{summary.prompts['in_domain']}”",
        "Told to the prior": f"“{summary.prompts['prior']}”",
        "Method": f"{summary.method}, preset {summary.preset or 'unknown'}, {summary.control_loop} loop",
        "Learned from": _learned_from(summary),
        "Judged by": judges,
        "Seed": str(summary.seeds["loop"]),
        "Weights": ", ".join(summary.weights),
        "Code": summary.code_version,
    }
    lines = [
        f"# Run {summary.run}",
        "",
        "| | |",
        "|---|---|",
        *(f"| {name} | {value} |" for name, value in facts.items()),
    ]
    lines += ["", "## Success, iteration by iteration", "", *_table(summary.iterations), "", _caution(summary)]
    lines += ["", "![success curve](success_curve.png)", "", "![all episodes](overview.png)", ""]
    lines += ["Each episode, imagined above real: [strips/](strips/).", ""]
    return "\n".join(lines)


def percent(iteration: IterationSummary) -> tuple[str, str]:
    """The rate and its interval, for people."""
    if iteration.rate is None or iteration.wilson_low is None or iteration.wilson_high is None:
        return "not judged", ""
    return f"{iteration.rate:.0%}", f"{iteration.wilson_low:.0%} to {iteration.wilson_high:.0%}"


def _table(iterations: list[IterationSummary]) -> list[str]:
    lines = [
        "| iteration | weights | episodes | successes | rate | 95 % interval | aborted |",
        "|--:|---|--:|--:|--:|---|--:|",
    ]
    for one in iterations:
        rate, interval = percent(one)
        lines.append(
            f"| {one.index} | {one.weights_version} | {one.episodes} | {one.successes} | {rate} | {interval} | {one.aborted} |"
        )
    return lines


def _caution(summary: RunSummary) -> str:
    fewest = min((one.judged for one in summary.iterations), default=0)
    if fewest >= 30:
        return "Intervals are Wilson's at 95 %. Aborted episodes count in neither number."
    return (
        f"Intervals are Wilson's at 95 %. With {fewest} judged episodes in an iteration they are wide: this shows that the "
        "loop runs, not how well it learns. Aborted episodes count in neither number."
    )


def _learned_from(summary: RunSummary) -> str:
    finetune = summary.settings.get("finetune")
    steps = f", {finetune['steps']} steps an iteration" if isinstance(finetune, dict) and "steps" in finetune else ""
    kinds = {
        "success": "successful episodes only",
        "none": "all episodes",
        "relabel": "all episodes, failed ones told as “not …”",
    }
    start = summary.settings.get("initial_data")
    return (
        kinds.get(summary.filter, "nothing (single episodes)") + (f", starting from {start}" if start else "") + steps
    )
