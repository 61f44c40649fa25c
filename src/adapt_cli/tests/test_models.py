"""`adapt models`: every preset with its sizes, from nothing but the configuration."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from adapt_core.paths import config_dir

pytest.importorskip("torch")

KEYS = {
    "preset",
    "in_domain_parameters",
    "text_encoder_parameters",
    "prior_parameters",
    "codec_parameters",
    "inverse_dynamics_parameters",
    "image_size",
    "future_frames",
    "method",
    "steps",
    "guidance_scale",
    "prior_strength",
    "weights",
}


def test_every_preset_is_a_row_and_the_papers_are_of_their_size(cli) -> None:
    result = cli("models", "--json")
    assert result.exit_code == 0, result.output
    rows = {row["preset"]: row for row in json.loads(result.stdout)}
    assert set(rows) == {path.stem for path in (config_dir() / "models").glob("*.yaml")}
    assert all(set(row) == KEYS for row in rows.values())
    assert rows["metaworld"]["in_domain_parameters"] == pytest.approx(179.91e6, rel=0.01)
    assert rows["panda"]["in_domain_parameters"] == pytest.approx(156.58e6, rel=0.01)
    assert (rows["tiny"]["weights"], rows["metaworld"]["weights"]) == ("shipped", "to be trained")


def test_the_table_names_every_preset(cli) -> None:
    result = cli("models")
    assert result.exit_code == 0, result.output
    for path in (config_dir() / "models").glob("*.yaml"):
        assert path.stem in result.stdout
    assert "178.83 M" in result.stdout


def test_a_broken_preset_is_one_clear_error(cli, short_episodes: None, tmp_path: Path) -> None:
    (tmp_path / "config" / "models" / "mine.yaml").write_text("extends: metaworld\nprior: {kind: animatdiff}\n")
    result = cli("models")
    assert result.exit_code == 1
    assert "mine.yaml: prior.kind" in " ".join(result.stderr.split())
    assert 'did you mean "animatediff"' in " ".join(result.stderr.split())
