"""The report of a run, made from what is on disk."""

from __future__ import annotations

import json

from adapt_core.episode_store import EpisodeStore
from adapt_core.run_folder import RunFolder
from adapt_core.types import LabelValue
from PIL import Image


def test_summary_counts_what_happened(cli, run: RunFolder) -> None:
    result = cli("report", run.path)
    assert result.exit_code == 0, result.output
    summary = json.loads((run.path / "report" / "summary.json").read_text())
    first, second = summary["iterations"]
    assert (first["index"], first["episodes"], first["successes"], first["weights_version"]) == (0, 2, 1, "base")
    assert first["rate"] == 0.5
    assert 0.05 < first["wilson_low"] < 0.5 < first["wilson_high"] < 0.95
    assert (second["episodes"], second["successes"], second["aborted"]) == (1, 1, 1)
    assert second["weights_version"] == "mine-001"
    assert summary["task"] == "drawer-close"
    assert summary["prompts"] == {"in_domain": "drawer close", "prior": "a robot arm closing a drawer"}
    assert summary["method"] == "ipa"
    assert summary["seeds"]["scenes"] == [0, 1, 100, 101]
    assert summary["labels"] == {"simulator": 2}


def test_markdown_is_a_table_with_a_caution(cli, run: RunFolder) -> None:
    cli("report", run.path)
    text = (run.path / "report" / "summary.md").read_text()
    assert "| 0 | base | 2 | 1 | 50% |" in text
    assert "not how well it learns" in text


def test_pictures_are_there_and_large_enough(cli, run: RunFolder) -> None:
    cli("report", run.path)
    report = run.path / "report"
    strips = sorted((report / "strips").glob("*.png"))
    assert [strip.name[:4] for strip in strips] == ["0-0-", "0-1-", "1-0-", "1-1-"]
    for strip in strips:
        with Image.open(strip) as picture:
            width, height = picture.size
        assert width > 9 * 96
        assert height > 3 * 2 * 96  # three plans, imagined above real
    for name in ("success_curve.png", "overview.png"):
        with Image.open(report / name) as picture:
            assert min(picture.size) > 300


def test_strip_shows_imagined_above_real(cli, run: RunFolder) -> None:
    """The square was imagined where it then was: both rows of a column are the same picture."""
    from adapt_cli.report import strip as drawing

    cli("report", run.path)
    with Image.open(next((run.path / "report" / "strips").glob("0-0-*.png"))) as picture:
        left = drawing.MARGIN + drawing.SIDE + 2 * (drawing.FRAME + drawing.GAP)
        top = drawing.HEADER + drawing.TIME
        imagined = picture.crop((left, top, left + drawing.FRAME, top + drawing.FRAME - 3))
        below = top + drawing.FRAME + drawing.GAP
        real = picture.crop((left, below, left + drawing.FRAME, below + drawing.FRAME - 3))
        assert imagined.tobytes() == real.tobytes()
        assert len(set(imagined.getdata())) > 2


def test_a_persons_label_wins_over_the_simulator(cli, run: RunFolder) -> None:
    store = EpisodeStore(run.episodes)
    failed = next(meta for meta in store.episodes() if meta.success is False)
    store.label(failed.episode_id, LabelValue.SUCCESS, "anna")
    cli("report", run.path)
    summary = json.loads((run.path / "report" / "summary.json").read_text())
    assert summary["iterations"][0]["successes"] == 2
    assert summary["labels"] == {"simulator": 1, "anna": 1}


def test_unsure_counts_as_not_judged(cli, run: RunFolder) -> None:
    store = EpisodeStore(run.episodes)
    store.label(store.episodes()[0].episode_id, LabelValue.UNSURE, "anna")
    cli("report", run.path)
    first = json.loads((run.path / "report" / "summary.json").read_text())["iterations"][0]
    assert (first["episodes"], first["judged"], first["successes"], first["rate"]) == (2, 1, 0, 0.0)


def test_episodes_lists_and_filters(cli, run: RunFolder) -> None:
    everything = cli("episodes", run.path)
    assert "4 episodes" in everything.output
    assert all(meta.episode_id in everything.output for meta in EpisodeStore(run.episodes).episodes())
    assert "1 episodes" in cli("episodes", run.path, "--outcome", "aborted").output
    assert "2 episodes" in cli("episodes", run.path, "--iteration", "0").output
    assert "1 episodes" in cli("episodes", run.path, "--label", "failure").output
