"""What `adapt watch` draws of what a graph says, and what it says where it cannot."""

from __future__ import annotations

import importlib.util
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from adapt_core.types import Observation, VideoPlan

IMAGE = np.arange(32 * 32 * 3, dtype=np.uint32).astype(np.uint8).reshape(32, 32, 3)


@pytest.fixture
def rr() -> Any:
    return pytest.importorskip("rerun", reason="needs pip install 'adapt[live]'")


@pytest.fixture
def viewer(rr: Any) -> Iterator[tuple[int, subprocess.Popen[bytes]]]:
    """A process that receives as a viewer does, and its port."""
    port = free_port()
    serve = f"import rerun, time; s = rerun.RecordingStream('s'); s.serve_grpc(grpc_port={port}); time.sleep(300)"
    server = subprocess.Popen([sys.executable, "-c", serve])
    yield port, server
    server.kill()
    server.wait()


def publisher(harness: Any, topic: Any) -> Any:
    """A publisher of the harness, once somebody listens."""
    made = harness.me.in_executor(topic.publisher, harness.me).result(30)
    harness.until(made.get_subscription_count, f"somebody who listens to {topic.name}")
    return made


def drawn(path: Path, entity: str, component: str) -> list[Any]:
    """What a file of rerun holds of one component of an entity, in order."""
    from rerun.chunk import RrdReader

    batches = [
        chunk.to_record_batch() for chunk in RrdReader(str(path)).stream().to_chunks() if chunk.entity_path == entity
    ]
    cells = [batch[component].to_pylist() for batch in batches if component in batch.schema.names]
    return [cell[0] for column in cells for cell in column if cell]


@pytest.mark.ros
def test_what_a_graph_says_is_drawn(harness: Any, rr: Any, tmp_path: Path) -> None:
    from adapt_cli.live_view import LiveView
    from adapt_ros.convert import to_observation, to_video_plan

    from adapt_interfaces.msg import EpisodeStatus, GuardStatus, Label
    from adapt_ros import interfaces as graph

    recording = rr.RecordingStream("test")
    recording.save(tmp_path / "seen.rrd")
    view = harness.me.in_executor(LiveView, harness.me, recording).result(30)
    with view:
        plan = VideoPlan(np.stack([IMAGE] * 4), "drawer close", "a robot arm closing a drawer", 5, "v1")
        seen = Observation(IMAGE, np.arange(8.0), 0.5, 0)
        broken = to_observation(seen, 2, "base")
        broken.image.encoding = "yuv422"
        for topic, message in (
            (graph.OBSERVATION, to_observation(seen, 1, "base")),
            (graph.VIDEO_PLAN, to_video_plan(plan)),
            (graph.EPISODE_STATUS, EpisodeStatus(episode_id="e7", outcome="aborted", steps=3, reason="stop pressed")),
            (graph.LABEL, Label(episode_id="e7", value="failure", operator_name="ada")),
            (graph.GUARD_STATUS, GuardStatus(stopped=True, code="stop", message="pressed")),
        ):
            publisher(harness, topic).publish(message)
        harness.until(lambda: view.drawn >= 5, "everything to be drawn")
        publisher(harness, graph.OBSERVATION).publish(broken)
        harness.until(lambda: view.drawn >= 6, "a broken image to be passed over")
        view.check()
    file = tmp_path / "seen.rrd"
    [camera] = drawn(file, "/camera", "Image:buffer")
    assert bytes(camera) == IMAGE.tobytes()
    [strip] = drawn(file, "/plan", "Image:buffer")
    assert len(strip) == 4 * IMAGE.size
    assert drawn(file, "/hand/now", "Transform3D:translation") == [[0, 1, 2]]
    assert drawn(file, "/gripper/opening", "Scalars:scalars") == [7]
    assert "drawer close" in drawn(file, "/instruction", "TextDocument:text")[0]
    *events, last = drawn(file, "/events", "TextLog:text")
    assert sorted(events) == [
        "episode e7 aborted after 3 steps: stop pressed",
        "episode e7 judged failure by ada",
        "guard: stopped (stop: pressed)",
    ]
    assert last.startswith("observation cannot be drawn: image encoding")


@pytest.mark.ros
def test_a_view_that_cannot_keep_up_drops_the_oldest(
    harness: Any, rr: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from adapt_cli.live_view import QUEUE, LiveView
    from adapt_ros.interfaces import EPISODE_STATUS, LABEL

    from adapt_interfaces.msg import EpisodeStatus, Label

    recording = rr.RecordingStream("test")
    recording.save(tmp_path / "seen.rrd")
    view = harness.me.in_executor(LiveView, harness.me, recording).result(30)
    labels, statuses = publisher(harness, LABEL), publisher(harness, EPISODE_STATUS)
    statuses.publish(EpisodeStatus(episode_id="kept", outcome="completed"))
    for sent in range(QUEUE + 20):  # nothing is drawn before the block begins
        labels.publish(Label(episode_id=f"e{sent}", value="success", operator_name="ada"))
        harness.until(lambda n=sent: view.heard >= n + 1, "the message to arrive")
    harness.until(lambda: view.heard == QUEUE + 21, "the last message to arrive")
    assert view.dropped == 20
    with view:
        pass
    assert view.drawn == QUEUE + 1
    events = drawn(tmp_path / "seen.rrd", "/events", "TextLog:text")
    assert any("kept" in event for event in events), "one topic's flood drops nothing of the others"
    assert f"episode e{QUEUE + 19} judged success by ada" in events
    assert "episode e0 judged success by ada" not in events


@pytest.mark.ros
def test_a_viewer_that_ends_is_said(harness: Any, rr: Any, viewer: tuple[int, subprocess.Popen[bytes]]) -> None:
    from adapt_cli.live_view import LiveView
    from adapt_core.errors import PeerLostError
    from adapt_ros.interfaces import LABEL

    from adapt_interfaces.msg import Label

    port, server = viewer
    harness.until(lambda: answers(port), "the viewer to listen")
    recording = rr.RecordingStream("test")
    recording.connect_grpc(f"rerun+http://127.0.0.1:{port}/proxy")
    view = harness.me.in_executor(LiveView, harness.me, recording).result(30)
    with view:
        label = publisher(harness, LABEL)
        label.publish(Label(episode_id="e1", value="success", operator_name="ada"))
        harness.until(lambda: view.drawn == 1, "a label to be drawn")
        view.check()
        server.kill()
        server.wait()
        with pytest.raises(PeerLostError, match="the viewer is gone"):
            harness.until(lambda: say_and_check(label, view), "the viewer's end to be noticed")


def say_and_check(label: Any, view: Any) -> None:
    from adapt_interfaces.msg import Label

    label.publish(Label(episode_id="e2", value="success", operator_name="ada"))
    view.check()


def answers(port: int) -> bool:
    with socket.socket() as there:
        return there.connect_ex(("127.0.0.1", port)) == 0


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


@pytest.mark.ros
@pytest.mark.usefixtures("rr")
def test_mistakes_are_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from adapt_cli.commands.watch import recording_into
    from adapt_core.errors import ConfigError

    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    there = tmp_path / "there.rrd"
    there.write_bytes(b"mine")
    port = free_port()
    for save, connect, message in (
        (None, "", "no screen here"),
        (there, "", "there.rrd is there already"),
        (None, f"rerun+http://127.0.0.1:{port}/proxy", "no viewer answers"),
        (None, "127.0.0.1", "write it as rerun"),
    ):
        with pytest.raises(ConfigError, match=message):
            recording_into("/test", save, connect)
    assert there.read_bytes() == b"mine"


def test_a_missing_package_is_named(cli, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("adapt_interfaces")
    find = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "rerun" else find(name))
    result = cli("watch", "metaworld")
    assert result.exit_code == 1
    assert "this needs rerun, which is not installed: pip install '.[live]'" in " ".join(result.stderr.split())
