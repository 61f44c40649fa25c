"""The images cannot be built here; what they name exists, and the commands of the compose file are adapt's."""

from __future__ import annotations

import re
import shlex
import xml.etree.ElementTree as ElementTree
from pathlib import Path
from typing import Any

import pytest
import yaml
from adapt_cli.main import app
from adapt_core.robots import load_robot
from typer.testing import CliRunner

ROOT = Path(__file__).parents[1]
SERVICES: dict[str, Any] = yaml.safe_load((ROOT / "docker" / "compose.yaml").read_text())["services"]


def with_defaults(text: str) -> str:
    """As the shell has it where the user has set nothing."""
    return re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", text)


@pytest.mark.parametrize("service", SERVICES)
def test_images_are_built_from_files_that_are_there(service: str) -> None:
    build = SERVICES[service]["build"]
    assert (ROOT / "docker" / build["context"]).resolve() == ROOT
    assert (ROOT / build["dockerfile"]).is_file()
    assert SERVICES[service]["profiles"] in (["sim"], ["real"])


@pytest.mark.parametrize("file", sorted((ROOT / "docker").glob("*Dockerfile")), ids=lambda path: path.name)
def test_dockerfiles_name_files_that_are_there(file: Path) -> None:
    for name in re.findall(r"/adapt/([\w./-]+)", file.read_text()):
        assert (ROOT / name).exists() or name == "runs", name


@pytest.mark.parametrize("service", ["sim", "gpu", "robot"])
def test_commands_are_adapts(service: str) -> None:
    words = shlex.split(with_defaults(SERVICES[service]["command"]).rpartition("exec ")[2].rstrip('"'))
    assert words[:2] == ["adapt", "up"]
    load_robot(words[2])
    result = CliRunner().invoke(app, [*words[1:], "--help"])  # options that do not exist come first
    assert result.exit_code == 0, result.output


def test_a_person_must_say_that_a_real_robot_may_move() -> None:
    assert "allow" not in (ROOT / "docker" / "compose.yaml").read_text().replace("UP_OPTIONS=--allow-real-robot", "")


def test_both_machines_speak_cyclone_dds() -> None:
    ElementTree.parse(ROOT / "docker" / "cyclonedds.xml")
    for name in ("robot", "gpu"):
        text = (ROOT / "docker" / f"{name}.Dockerfile").read_text()
        assert "RMW_IMPLEMENTATION=rmw_cyclonedds_cpp" in text
        assert "ros-jazzy-rmw-cyclonedds-cpp" in text
