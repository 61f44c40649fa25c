"""The folder of a run: what it was begun with, and what it refuses to go on with."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from adapt_core.errors import ConfigError
from adapt_core.run_folder import RunFolder
from adapt_core.settings import Rollback, load_settings
from adapt_core.types import ControlLoop


def test_run_folder_refuses_to_resume_another_run(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path / "drawers")
    settings = load_settings()
    with pytest.raises(ConfigError, match="holds no run"):
        folder.settings()
    folder.begin("drawer-close", 0, settings, ControlLoop.OPEN, method="ipa")
    folder.begin("drawer-close", 0, replace(settings, iterations=9), ControlLoop.OPEN, method="ipa")
    assert folder.settings()["iterations"] == 9
    with pytest.raises(ConfigError, match="begun with task = drawer-close, not door-open"):
        folder.begin("door-open", 0, settings, ControlLoop.OPEN)
    with pytest.raises(ConfigError, match="begun with rollback = none, not significant"):
        folder.begin("drawer-close", 0, replace(settings, rollback=Rollback.SIGNIFICANT), ControlLoop.OPEN)
    with pytest.raises(ConfigError, match="begun with control_loop = open, not closed"):
        folder.begin("drawer-close", 0, settings, ControlLoop.CLOSED)
    before = {key: value for key, value in folder.settings().items() if key not in ("rollback", "control_loop")}
    folder.settings_file.write_text(json.dumps(before))  # of an older adapt
    folder.begin("drawer-close", 0, settings, ControlLoop.CLOSED)
    folder.settings_file.write_text("{")
    with pytest.raises(ConfigError, match="not JSON"):
        folder.settings()
    assert folder.run_id == "drawers"
