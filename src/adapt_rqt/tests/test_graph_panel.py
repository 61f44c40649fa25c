"""The panel over a graph: real labeler and guard, over DDS."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest

pytest.importorskip("rclpy")

from adapt_core.episode_store import EpisodeStore
from adapt_core.types import LabelValue
from adapt_ros.convert import to_video_plan
from adapt_ros.endpoints import ServiceName
from adapt_ros.fakes.harness import Harness
from adapt_ros.node import AdaptNode
from adapt_ros.nodes.guard import GuardNode
from adapt_ros.nodes.labeler import LabelerNode
from adapt_rqt.graph_panel import GraphPanel
from python_qt_binding.QtCore import Qt
from python_qt_binding.QtTest import QTest
from python_qt_binding.QtWidgets import QCheckBox, QPushButton

from adapt_interfaces import msg
from adapt_ros import interfaces

pytestmark = pytest.mark.ros


@pytest.fixture
def panel(harness: Harness, screen: Any) -> Iterator[GraphPanel]:
    panel = GraphPanel(harness.add(AdaptNode, "panel"), "ada")
    panel.widget.resize(1280, 760)
    panel.widget.show()
    panel.widget.setFocus()
    yield panel
    panel.close()
    screen.wait(0.1)


def said(panel: GraphPanel) -> str:
    return str(panel.widget._message.text())


def button(panel: GraphPanel, name: str) -> QPushButton:
    return panel.widget.findChild(QPushButton, name)


def click(screen: Any, panel: GraphPanel, name: str) -> None:
    screen.until(lambda: button(panel, name).isEnabled(), f"the button {name}")
    QTest.mouseClick(button(panel, name), Qt.LeftButton)


def test_a_panel_that_was_there_first_labels_through_the_labeler(
    harness: Harness, panel: GraphPanel, screen: Any, store: EpisodeStore, make: Any
) -> None:
    assert "No graph is running under /test" in said(panel)
    first, second = make.record(store, 0), make.record(store, 1)
    heard = harness.hear(interfaces.LABEL)
    harness.add(LabelerNode, run=str(store.root.parent), labels="operator")
    screen.until(lambda: "Connected to /test" in said(panel), "the labeler to be found")
    screen.until(lambda: panel.widget.ready, "the first episode")
    screen.press(panel, Qt.Key_S)
    assert store.label_of(first) is LabelValue.SUCCESS
    screen.press(panel, Qt.Key_Z)
    assert store.label_of(first) is LabelValue.UNLABELED
    screen.press(panel, Qt.Key_F)
    screen.press(panel, Qt.Key_U)
    assert (store.label_of(first), store.label_of(second)) == (LabelValue.FAILURE, LabelValue.UNSURE)
    screen.until(lambda: len(heard) == 4, "all judgements on the topic")
    assert {label.operator_name for label in heard} == {"ada"}
    third = make.record(store, 2)
    screen.until(lambda: panel.model.current and panel.model.current.episode_id == third, "a new episode by itself")


def test_another_operator_is_heard_and_a_labeler_that_hangs_or_is_gone_is_told(
    harness: Harness, panel: GraphPanel, screen: Any, store: EpisodeStore, make: Any
) -> None:
    episode = make.record(store, 0)
    labeler = harness.add(LabelerNode, run=str(store.root.parent), labels="operator")
    screen.until(lambda: panel.widget.ready, "the episode")
    assert harness.call(interfaces.LABEL_EPISODE, episode_id=episode, value="failure", operator_name="ben").success
    screen.until(lambda: "ben said failure" in panel.model.notice, "a word about ben")
    harness.hang(labeler)
    QTest.keyClick(panel.widget, Qt.Key_S)
    assert panel.model.saving
    screen.until(lambda: "labeler has not answered" in said(panel), "the panel to give up")
    assert not panel.model.saving
    harness.until(lambda: not labeler.busy, "the labeler's worker to end")
    labeler.destroy_node()
    screen.until(lambda: "No graph is running" in said(panel), "the labeler to be gone")
    QTest.keyClick(panel.widget, Qt.Key_S)
    assert "there is no labeler in /test" in said(panel)
    assert store.label_of(episode) is LabelValue.FAILURE
    assert not panel.model.saving


def test_motion_is_enabled_while_the_screen_is_busy_and_not_when_it_hangs(
    harness: Harness, panel: GraphPanel, screen: Any
) -> None:
    harness.add(GuardNode, robot="metaworld")
    states = harness.hear(interfaces.GUARD_STATUS)
    click(screen, panel, "enable")
    screen.until(lambda: states[-1].enabled, "the lease")
    busy_until = time.monotonic() + 0.9
    while time.monotonic() < busy_until:  # more than two leases, in Qt's thread, holding the interpreter
        sum(range(10_000))
    assert all(state.enabled for state in states[[state.enabled for state in states].index(True) :])
    harness.until(lambda: not states[-1].enabled, "the lease of a screen that hangs to lapse")
    screen.until(lambda: "did not react" in said(panel), "a word of why")
    screen.wait(0.5)
    assert not states[-1].enabled  # nor by itself once the screen answers again
    click(screen, panel, "enable")
    screen.until(lambda: states[-1].enabled, "the lease")
    click(screen, panel, "enable")
    screen.until(lambda: not states[-1].enabled, "the lease to be given back")


def test_stop_is_latched_and_what_was_enabled_must_be_enabled_anew(
    harness: Harness, panel: GraphPanel, screen: Any
) -> None:
    harness.add(GuardNode, robot="metaworld")
    states = harness.hear(interfaces.GUARD_STATUS)
    click(screen, panel, "enable")
    screen.until(lambda: states[-1].enabled, "the lease")
    QTest.keyClick(panel.widget, Qt.Key_Escape)
    screen.until(lambda: states[-1].stopped and not states[-1].enabled, "the stop")
    screen.until(lambda: not button(panel, "enable").isEnabled(), "no enabling while stopped")
    click(screen, panel, "reset")
    screen.until(lambda: not states[-1].stopped, "the stop to be reset")
    screen.wait(0.5)
    assert not states[-1].enabled
    click(screen, panel, "enable")
    screen.until(lambda: states[-1].enabled, "the lease")


def test_a_real_robot_that_may_not_move_says_why(harness: Harness, panel: GraphPanel, screen: Any) -> None:
    harness.add(GuardNode, robot="metaworld", real=True)
    click(screen, panel, "enable")
    screen.until(lambda: "allow_real_robot" in said(panel), "the guard's reason")
    assert button(panel, "enable").text() == "Enable motion"


class FakeArm(AdaptNode):
    """Asks for a scene and an approval, and notes the answers."""

    def __init__(self, **arguments: Any) -> None:
        super().__init__("fake_arm", **arguments)
        self.answers: list[tuple[str, Any]] = []
        self.preview = interfaces.MOTION_PREVIEW.publisher(self)
        self.scene = interfaces.SCENE_REQUEST.publisher(self)
        self.servers = [
            self.serve(service) for service in (interfaces.APPROVE_MOTION, interfaces.CONFIRM_SCENE, interfaces.RECOVER)
        ]

    def serve(self, service: ServiceName) -> Any:
        def answer(request: Any, response: Any) -> Any:
            self.answers.append((service.name, request))
            response.success, response.message = True, "errors cleared"
            return response

        return service.server(self, answer)


def test_a_plan_is_approved_only_as_it_was_seen(harness: Harness, panel: GraphPanel, screen: Any, make: Any) -> None:
    arm = harness.add(FakeArm)
    for name in ("approve", "reject"):
        assert not button(panel, name).isEnabled()
    plan = to_video_plan(make.plan())
    for number, name in enumerate(("approve", "reject")):
        waiting = msg.MotionPreview(plan_hash=f"hash {number}", reached_s=[1.0, 2.0], plan=plan)
        arm.preview.publish(waiting)
        click(screen, panel, name)
        harness.until(lambda count=number: len(arm.answers) > count, "the answer")
        arm.preview.publish(msg.MotionPreview())
        screen.until(lambda: not button(panel, "approve").isEnabled(), "nothing to wait any more")
    assert [(a.plan_hash, a.approve, a.operator_name) for _, a in arm.answers] == [
        ("hash 0", True, "ada"),
        ("hash 1", False, "ada"),
    ]


def test_the_next_episode_begins_only_when_everything_is_ticked(
    harness: Harness, panel: GraphPanel, screen: Any
) -> None:
    arm = harness.add(FakeArm)
    boxes = panel.widget.findChildren(QCheckBox)
    begin = panel.widget.motion.scene._begin
    for number in (1, 2):
        arm.scene.publish(msg.SceneRequest(number=number, task_id="push-red-cup", waiting=True))
        screen.until(lambda: boxes[0].isEnabled() and not boxes[0].isChecked(), "the question")
        for box in boxes:
            assert not begin.isEnabled()
            box.click()
        assert begin.isEnabled()
        QTest.mouseClick(begin, Qt.LeftButton)
        harness.until(lambda count=number: len(arm.answers) == count, "the answer")
    assert [(a.number, a.operator_name) for _, a in arm.answers] == [(1, "ada"), (2, "ada")]


def test_one_button_recovers_after_a_reflex(harness: Harness, panel: GraphPanel, screen: Any) -> None:
    click(screen, panel, "recover")
    screen.until(lambda: "there is no arm_driver" in said(panel), "a word of why not")
    harness.add(FakeArm)
    screen.until(lambda: panel._link._calls["recover"].ready, "the arm")
    click(screen, panel, "recover")
    screen.until(lambda: "errors cleared" in said(panel), "the arm's answer")
