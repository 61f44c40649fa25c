"""Writes a table down: rows as JSON, a page of Markdown, pictures."""

from __future__ import annotations

import json
from pathlib import Path

from adapt_core.durable import write_whole

from adapt_cli.tables.markdown import page
from adapt_cli.tables.pictures import draw_rates
from adapt_cli.tables.results import Result, read_results
from adapt_cli.tables.sheets import draw_sheets
from adapt_cli.tables.table_run import TableRun


def write_numbers(run: TableRun, output: Path, pictures: list[str]) -> list[Result]:
    """Write what there is so far to `<table>.json` and `<table>.md` in `output`; `pictures` are shown on the page."""
    results, name = read_results(run), run.table.name
    output.mkdir(parents=True, exist_ok=True)
    rows = ",\n".join(f"  {json.dumps(result.row())}" for result in results)
    write_whole(output / f"{name}.json", f"[\n{rows}\n]\n".encode())
    write_whole(output / f"{name}.md", page(run, results, pictures).encode())
    return results


def write_report(run: TableRun, output: Path) -> list[Result]:
    """Write the numbers and the pictures: `<table>.png` and one for each task."""
    results, name = read_results(run), run.table.name
    output.mkdir(parents=True, exist_ok=True)
    draw_rates(results, run.table.about, output / f"{name}.png")
    sheets = draw_sheets(results, output, name)
    return write_numbers(run, output, [f"{name}.png", *(sheet.name for sheet in sheets)])
