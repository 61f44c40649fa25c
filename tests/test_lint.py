"""Style, types and import rules are tests like the others."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SCRIPTS = Path(sys.executable).parent
TOOLS = {
    "style": ["ruff", "check"],
    "format": ["ruff", "format", "--check"],
    "types": ["mypy"],
    "import rules": ["lint-imports"],
}


@pytest.mark.timeout(600)
@pytest.mark.parametrize("tool", TOOLS)
def test_lint(tool: str) -> None:
    name, *arguments = TOOLS[tool]
    if not (SCRIPTS / name).exists():
        pytest.skip(f"{name} is not installed: pip install '.[dev]' -c constraints.txt")
    result = subprocess.run([SCRIPTS / name, *arguments], cwd=ROOT, capture_output=True, text=True)
    assert result.returncode == 0, result.stdout + result.stderr
