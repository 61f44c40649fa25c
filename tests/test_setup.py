"""The packaging agrees with the tree: colcon finds every package, one version everywhere, and pip users need no ROS."""

import re
import subprocess
import sys
import tomllib
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
MANIFESTS = sorted([*ROOT.glob("src/*/package.xml"), ROOT / "sim" / "package.xml"])
NODES = sorted(file.stem for file in (ROOT / "src/adapt_ros/adapt_ros/nodes").glob("[!_]*.py"))
COLCON = Path(sys.executable).with_name("colcon")

IMPORT_WITHOUT_ROS = """
import importlib, sys

class NoRos:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in {"adapt_interfaces", "adapt_ros", "launch", "rcl_interfaces", "rclpy", "sensor_msgs", "std_msgs"}:
            raise ModuleNotFoundError(f"{name} is not there", name=name)

sys.meta_path.insert(0, NoRos())
for name in sys.argv[1:]:
    importlib.import_module(name)
"""


def test_no_manifest_at_the_root() -> None:
    """colcon stops crawling at the first package it meets."""
    assert not any((ROOT / name).exists() for name in ("package.xml", "setup.py", "setup.cfg"))


@pytest.mark.skipif(not COLCON.exists(), reason="colcon is not installed")
def test_colcon_finds_every_package() -> None:
    listed = subprocess.run([COLCON, "list", "--names-only"], cwd=ROOT, capture_output=True, text=True, check=True)
    assert set(listed.stdout.split()) == {_text(manifest, "name") for manifest in MANIFESTS}


@pytest.mark.parametrize("manifest", MANIFESTS, ids=lambda path: path.parent.name)
def test_one_version(manifest: Path) -> None:
    version = PROJECT["project"]["version"]
    assert _text(manifest, "version") == version
    setup = manifest.with_name("setup.py")
    if setup.exists():
        assert f'version="{version}"' in setup.read_text()


def test_every_python_package_is_in_the_wheel() -> None:
    shipped = {Path(folder).name for folder in PROJECT["tool"]["setuptools"]["packages"]["find"]["where"]}
    manifests = {manifest.parent.name for manifest in MANIFESTS if manifest.with_name("setup.py").exists()}
    assert shipped == manifests


def test_constraints_are_exact() -> None:
    pins = [line for line in (ROOT / "constraints.txt").read_text().splitlines() if line and not line.startswith("#")]
    assert all(re.fullmatch(r"[a-z0-9-]+==[0-9][A-Za-z0-9.]*", pin) for pin in pins)


@pytest.mark.parametrize("node", NODES)
def test_every_node_is_an_executable(node: str) -> None:
    source = (ROOT / f"src/adapt_ros/adapt_ros/nodes/{node}.py").read_text()
    assert re.search(r"^def main\(", source, re.M), f"{node}.py is a node and needs a main()"


def test_the_command_works_without_ros() -> None:
    modules = ["adapt_cli.main", "adapt_core", "adapt_learning", "adapt_sim"]
    result = subprocess.run([sys.executable, "-c", IMPORT_WITHOUT_ROS, *modules], capture_output=True, text=True)
    assert result.returncode == 0, result.stderr


def _text(manifest: Path, tag: str) -> str:
    text = ElementTree.parse(manifest).findtext(tag)
    assert text is not None
    return text
