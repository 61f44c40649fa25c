"""The files in config/: each robot, suite and setting that ships must load and agree with the others."""

from __future__ import annotations

from pathlib import Path

import pytest
from adapt_core.errors import ConfigError, UnknownTaskError
from adapt_core.kinematics.arm import ArmModel
from adapt_core.model_presets import FAKE_PRESET, read_preset
from adapt_core.paths import CONFIG_ENV, config_dir, config_file
from adapt_core.robots import Robot, load_robot, preset_for
from adapt_core.settings import InitialData, load_settings
from adapt_core.tasks import load_suite
from adapt_core.types import ActionSpace, ControlLoop, ExperienceFilter

SUITES = sorted(path.stem for path in (config_dir() / "tasks").glob("*.yaml"))
ROBOTS = sorted(path.stem for path in (config_dir() / "robots").glob("*.yaml"))


@pytest.mark.parametrize("name", SUITES)
def test_every_suite_loads_with_distinct_prompts(name: str) -> None:
    suite = load_suite(name)
    assert suite
    for attribute in ("in_domain_prompt", "prior_prompt"):
        prompts = [getattr(task, attribute) for task in suite.values()]
        assert all(prompt == prompt.strip() and prompt for prompt in prompts)
        assert len(set(prompts)) == len(prompts)
    assert all(task.id == key and task.suite == name for key, task in suite.items())
    assert len(suite.seen()) + len(suite.novel()) == len(suite)


def test_metaworld_has_its_fifty_tasks_and_the_seven_seen_ones() -> None:
    suite = load_suite("metaworld")
    assert len(suite) == 50
    seen = {"door-close", "assembly", "dial-turn", "reach", "peg-unplug-side", "lever-pull", "coffee-push"}
    assert {task.id for task in suite.seen()} == seen
    assert suite["door-close"].in_domain_prompt == "door close"
    assert suite["door-close"].prior_prompt == "a robot arm closing a door"


def test_unknown_task_names_close_ones() -> None:
    suite = load_suite("metaworld")
    with pytest.raises(UnknownTaskError, match='did you mean "door-close"'):
        suite["door-clsoe"]
    with pytest.raises(UnknownTaskError, match="it has door-close"):
        suite["0000"]
    assert "door-clsoe" not in suite
    with pytest.raises(ConfigError, match="metaworld"):
        load_suite("metawrld")


@pytest.mark.parametrize("name", ROBOTS)
def test_every_robot_loads_and_its_suite_exists(name: str) -> None:
    robot = load_robot(name)
    assert robot.name == name
    assert load_suite(robot.suite)


def test_metaworld_and_dmc_robots() -> None:
    metaworld = load_robot("metaworld")
    assert (metaworld.camera.height, metaworld.camera.width) == (128, 128)
    assert (metaworld.action_space, metaworld.frame_skip, metaworld.max_steps) == (ActionSpace.END_EFFECTOR, 4, 50)
    assert metaworld.control_loop is ControlLoop.MOSTLY_OPEN
    assert metaworld.heartbeat_timeout_s == 0.5
    dmc = load_robot("dmc")
    assert dmc.action_space is ActionSpace.RAW
    assert dmc.workspace is None


def arms() -> list[Robot]:
    return [robot for robot in map(load_robot, ROBOTS) if robot.arm is not None]


def test_every_arm_is_described_and_comfortable_at_home() -> None:
    assert {"panda", "fr3"} <= {robot.name for robot in arms()}
    for robot in arms():
        model = ArmModel.of(robot)
        assert robot.workspace is not None
        hand = model.forward(model.home)[:3]
        assert (hand > robot.workspace.low).all(), robot.name
        assert (hand < robot.workspace.high).all(), robot.name
        assert model.collisions.contact(model.home) is None, robot.name


def test_the_panda_moves_by_the_papers_and_the_makers_numbers() -> None:
    panda = load_robot("panda")
    assert (panda.frame_skip, panda.control_loop) == (16, ControlLoop.OPEN)
    assert panda.arm is not None
    assert panda.arm.motion.scale <= 0.2
    assert panda.arm.limits.velocity == (2.175,) * 4 + (2.61,) * 3
    assert panda.arm.interfaces.trajectory_action == "panda_arm_controller/follow_joint_trajectory"


def test_a_robot_extends_another() -> None:
    fr3, panda = load_robot("fr3"), load_robot("panda")
    assert fr3.arm is not None
    assert fr3.arm.joints[0] == "fr3_joint1"
    assert (fr3.workspace, fr3.keep_outs) == (panda.workspace, panda.keep_outs)
    assert fr3.arm.interfaces.joint_states == "joint_states"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"arm.limits.jerkk": [1.0]}, r'arm\.limits\.jerkk: unknown key, did you mean "jerk"\?'),
        ({"arm.limits.velocity": [1.0]}, "arm.limits.velocity: must have one entry for each of the 7 joints"),
        ({"arm.limits.jerk": [0.0] * 7}, "arm.limits.jerk: each number must be above 0"),
        ({"arm.limits.position_low": [4.0] * 7}, "position_low of panda_joint1 must be below"),
        ({"arm.home": [9.0, -0.8, 0.0, -2.4, 0.0, 1.6, 0.8]}, "arm.home: panda_joint1 stands at 9.0 rad"),
        ({"arm.description.joints": ["a"]}, "arm.description.joints: must have one entry"),
        ({"arm.motion.scale": 1.5}, "arm.motion.scale: .* less than or equal to 1"),
        ({"arm.interfaces.recovery.kind": "topic"}, "arm.interfaces.recovery.kind: .*'service' or 'action'"),
        ({"keep_outs": [{"name": "wall", "low": [0, 0, 0], "high": [1, 0, 1]}]}, "keep_outs.0: each number of low"),
    ],
)
def test_contradictions_of_an_arm_are_named(change: dict[str, object], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        load_robot("panda", change)


def test_robot_contradictions_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ConfigError, match="workspace"):
        load_robot("metaworld", {"workspace.low": [0.6, 0.4, 0.05]})
    with pytest.raises(ConfigError, match="workspace"):
        load_robot("metaworld", {"workspace": None})
    with pytest.raises(ConfigError, match="frame_skip"):
        load_robot("metaworld", {"frame_skip": 0})
    (tmp_path / "robots").mkdir()
    monkeypatch.setenv(CONFIG_ENV, str(tmp_path))
    with pytest.raises(ConfigError, match="has: nothing"):
        load_robot("metaworld")


def test_sail_settings_and_overrides() -> None:
    settings = load_settings()
    assert (settings.iterations, settings.episodes, settings.filter) == (3, 30, ExperienceFilter.SUCCESS)
    assert settings.initial_data is InitialData.DEMOS
    changed = load_settings(["finetune.steps=5", "filter=none", "iterations=1"])
    assert (changed.finetune.steps, changed.filter, changed.iterations) == (5, ExperienceFilter.NONE, 1)
    with pytest.raises(ConfigError, match="filter"):
        load_settings(["filter=sucess"])


def test_the_preset_says_how_its_models_are_finetuned() -> None:
    """SAIL's settings of MetaWorld, cups and drawers; a value of one's own wins."""
    wanted = {"metaworld": (10_000, 4, 1e-5), "panda": (8_000, 8, 2e-5), "panda_drawers": (10_000, 8, 1e-5)}
    for preset, numbers in wanted.items():
        finetune = load_settings(preset=preset).finetune
        assert (finetune.steps, finetune.batch_size, finetune.learning_rate) == numbers
    assert load_settings(["finetune.steps=7"], "panda").finetune.steps == 7
    assert load_settings(preset=FAKE_PRESET).finetune.steps > 0


def test_a_robot_is_seen_in_the_size_that_the_models_plan_from() -> None:
    assert load_robot("metaworld").camera.height == 128
    assert load_robot("metaworld", preset="metaworld").camera.height == 512
    assert load_robot("metaworld", preset=FAKE_PRESET) == load_robot("metaworld")
    with pytest.raises(ConfigError, match="tinny"):
        load_robot("metaworld", preset="tinny")


def test_a_robot_plans_with_its_own_models_unless_others_are_chosen() -> None:
    assert preset_for("panda") == "panda_tiny"
    assert preset_for("panda", "test") == "test"
    for file in config_file("robots", "panda.yaml").parent.glob("*.yaml"):
        assert read_preset(preset_for(file.stem))["image_size"] > 0
