"""Python, disk, memory, and whether pictures of the simulated worlds can be rendered."""

from __future__ import annotations

import os
import platform
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

from adapt_cli.doctor.check import Check, Status, module_there, output_of, version_of
from adapt_cli.extras import EXTRAS, how_to_install, missing_of

ENOUGH_DISK_GB = 2.0
ENOUGH_MEMORY_GB = 3.0
RENDER = (
    "import adapt_sim; import mujoco, os; "
    'm = mujoco.MjModel.from_xml_string(\'<mujoco><worldbody><light pos="0 0 3"/><geom size="1"/></worldbody></mujoco>\'); '
    "d = mujoco.MjData(m); mujoco.mj_forward(m, d); r = mujoco.Renderer(m, 64, 64); r.update_scene(d); "
    "assert r.render().std() > 1, 'the picture is empty'; r.close(); "
    "print(os.environ.get('MUJOCO_GL', 'default GL'))"
)


def machine_checks() -> Iterator[Check]:
    """Everything below ROS and learning."""
    yield _python()
    yield _disk(Path.cwd())
    yield _memory()
    yield _configuration()
    yield _rendering()
    for module in ("metaworld", "dm_control"):
        yield _world(module)
    yield _camera()
    for extra in EXTRAS:
        yield _extra(extra)


def _python() -> Check:
    found = f"{platform.python_version()} in {sys.prefix}"
    if (3, 11) <= sys.version_info[:2] <= (3, 12):
        return Check("Python", Status.OK, found)
    return Check("Python", Status.MISSING, found, "use CPython 3.11 or 3.12")


def _disk(folder: Path) -> Check:
    free_gb = shutil.disk_usage(folder).free / 1e9
    found = f"{free_gb:.1f} GB free in {folder}"
    if free_gb >= ENOUGH_DISK_GB:
        return Check("disk", Status.OK, found)
    return Check("disk", Status.MISSING, found, f"free some: a run wants {ENOUGH_DISK_GB:.0f} GB")


def _memory() -> Check:
    total_gb = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    found = f"{total_gb:.1f} GB, {os.cpu_count()} cores"
    if total_gb >= ENOUGH_MEMORY_GB:
        return Check("memory", Status.OK, found)
    return Check("memory", Status.MISSING, found, f"the graph wants {ENOUGH_MEMORY_GB:.0f} GB")


def _configuration() -> Check:
    from adapt_core.errors import ConfigError
    from adapt_core.paths import config_dir

    try:
        return Check("configuration", Status.OK, str(config_dir()))
    except ConfigError as error:
        return Check("configuration", Status.MISSING, "not found", str(error))


def _rendering() -> Check:
    if not module_there("mujoco"):
        return Check("MuJoCo", Status.MISSING, "not installed", "pip install mujoco")
    works, said = output_of([sys.executable, "-c", RENDER])
    if works:
        return Check("MuJoCo", Status.OK, f"{version_of('mujoco')}, renders with {said}")
    advice = "apt-get install libosmesa6 and set MUJOCO_GL=osmesa (or egl with a GPU)"
    return Check("MuJoCo", Status.MISSING, f"{version_of('mujoco')} cannot render: {said}", advice)


def _world(module: str) -> Check:
    if module_there(module):
        return Check(module, Status.OK, version_of(module))
    return Check(module, Status.MISSING, "not installed", f"pip install {module.replace('_', '-')}")


def _camera() -> Check:
    devices = sorted(str(path) for path in Path("/dev").glob("video*"))
    if devices:
        return Check("USB camera", Status.OK, ", ".join(devices))
    return Check("USB camera", Status.OPTIONAL, "none", "only a real robot needs one; plug it in, check /dev/video*")


def _extra(extra: str) -> Check:
    missing = missing_of(extra)
    if not missing:
        return Check(extra, Status.OK, ", ".join(EXTRAS[extra]))
    return Check(extra, Status.OPTIONAL, f"no {', '.join(missing)}", how_to_install(extra))
