"""Run every benchmark: print a table, write `bench/results/latest.json`.

A benchmark is a file beside this one with a function `rows() -> list[Row]`. Each row holds our figure and the baseline's,
on the same work in the same run, and the ratio of ours to the baseline's.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import sys
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Column, Table

HERE = Path(__file__).parent
RESULTS = HERE / "results" / "latest.json"
Row = dict[str, Any]  # name, unit, ours, baseline, ratio; where measured memory_mb, baseline_memory_mb


def benchmarks() -> list[Path]:
    """The benchmark files, in alphabetical order."""
    return sorted(path for path in HERE.glob("*.py") if path.name != Path(__file__).name)


def rows_of(path: Path) -> list[Row]:
    """Import one benchmark and run it."""
    specification = importlib.util.spec_from_file_location(f"bench_{path.stem}", path)
    assert specification is not None and specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    sys.modules[specification.name] = module  # where dataclasses look their module up
    specification.loader.exec_module(module)
    return list(module.rows())


def show(rows: list[Row]) -> None:
    """Print the rows as a table."""
    table = Table(Column("name", no_wrap=True), "unit", "ours", "baseline", "ratio", "MiB, both")
    for row in rows:
        figures = (f"{row[key]:.4g}" for key in ("ours", "baseline", "ratio"))
        memory = (f"{row[key]:.0f}" for key in ("memory_mb", "baseline_memory_mb") if key in row)
        table.add_row(row["name"], row["unit"], *figures, ", ".join(memory))
    Console().print(table)


def main() -> None:
    """Run the benchmarks named on the command line, or all of them."""
    names = [path.stem for path in benchmarks()]
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("only", nargs="*", metavar="NAME", help=f"run only these: {', '.join(names)}")
    only = parser.parse_args().only
    if unknown := set(only) - set(names):
        parser.error(f"no such benchmark: {', '.join(sorted(unknown))}; there are {', '.join(names)}")
    rows = [row for path in benchmarks() if not only or path.stem in only for row in rows_of(path)]
    show(rows)
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(rows, indent=2) + "\n")
    print(f"wrote {RESULTS.relative_to(Path.cwd()) if RESULTS.is_relative_to(Path.cwd()) else RESULTS}")


if __name__ == "__main__":
    main()
