"""What the doctor finds."""

from __future__ import annotations

import json

import pytest
from adapt_cli.commands.doctor import missing
from adapt_cli.doctor.check import Check, Status


def test_json_names_what_was_looked_at(cli) -> None:
    result = cli("doctor", "--json")
    found = json.loads(result.stdout)
    names = {check["name"] for check in found["checks"]}
    assert {"Python", "disk", "memory", "configuration", "MuJoCo", "metaworld", "PyTorch", "text encoder"} <= names
    assert found["healthy"] == all(check["status"] != "missing" for check in found["checks"])
    assert result.exit_code == (0 if found["healthy"] else 1)
    assert all(check["advice"] for check in found["checks"] if check["status"] != "ok")


def test_only_what_is_needed_counts_as_missing() -> None:
    checks = [Check("a", Status.OK, ""), Check("b", Status.OPTIONAL, "", "x"), Check("c", Status.MISSING, "", "y")]
    assert [check.name for check in missing(checks)] == ["c"]


def test_without_ros_nothing_of_ros_is_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    from adapt_cli.doctor import ros

    monkeypatch.setattr(ros, "module_there", lambda module: False)
    [check] = ros.ros_checks()
    assert check.status is Status.OPTIONAL
    assert "--in-process" in check.advice


def test_a_domain_that_is_no_number_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    from adapt_cli.doctor import ros

    monkeypatch.setenv("ROS_DOMAIN_ID", "lab")
    assert ros._domain().status is Status.MISSING
