"""Judging episodes at the terminal."""

from __future__ import annotations

from adapt_core.episode_store import EpisodeStore
from adapt_core.run_folder import RunFolder
from adapt_core.types import LabelValue


def labels(run: RunFolder) -> list[str]:
    """The episodes' labels in the order of the episodes."""
    store = EpisodeStore(run.episodes)
    return [store.label_of(meta.episode_id).value for meta in store.episodes()]


def test_keys_label_one_episode_after_another(cli, pending_run: RunFolder) -> None:
    result = cli("label", pending_run.path, "--operator", "anna", keys="sfu")
    assert result.exit_code == 0, result.output
    assert labels(pending_run) == ["success", "failure", "unsure"]
    assert {label.operator for label in EpisodeStore(pending_run.episodes).labels().values()} == {"anna"}
    assert "“a robot arm closing a drawer”" in result.output
    assert "3 labelled by anna, 0 still waiting" in result.output


def test_pictures_are_written_for_each_episode(cli, pending_run: RunFolder) -> None:
    cli("label", pending_run.path, keys="q")
    report = pending_run.path / "report"
    assert len(list((report / "label").glob("*-first.png"))) == 1
    assert len(list((report / "label").glob("*-last.png"))) == 1
    assert len(list((report / "strips").glob("*.png"))) == 1


def test_undo_returns_to_the_episode(cli, pending_run: RunFolder) -> None:
    cli("label", pending_run.path, keys="szfq")
    assert labels(pending_run) == ["failure", "unlabeled", "unlabeled"]


def test_undo_alone_leaves_it_unlabeled(cli, pending_run: RunFolder) -> None:
    result = cli("label", pending_run.path, keys="zszq")
    assert labels(pending_run) == ["unlabeled"] * 3
    assert "nothing to undo" in result.output


def test_later_and_other_keys_label_nothing(cli, pending_run: RunFolder) -> None:
    cli("label", pending_run.path, keys="xn \nsq")
    assert labels(pending_run) == ["unlabeled", "success", "unlabeled"]


def test_nothing_to_judge(cli, run: RunFolder) -> None:
    store = EpisodeStore(run.episodes)
    for meta in store.pending():
        store.label(meta.episode_id, LabelValue.SUCCESS, "anna")
    assert "No episode waits" in cli("label", run.path).output


def test_one_episode_without_questions(cli, pending_run: RunFolder) -> None:
    episode = EpisodeStore(pending_run.episodes).episodes()[1].episode_id
    result = cli("label", pending_run.path, "--episode", episode, "--value", "success", "--operator", "ben")
    assert result.exit_code == 0, result.output
    assert labels(pending_run) == ["unlabeled", "success", "unlabeled"]


def test_an_episode_that_does_not_exist(cli, pending_run: RunFolder) -> None:
    result = cli("label", pending_run.path, "--episode", "nope", "--value", "success")
    assert result.exit_code == 1
    assert 'there is no episode "nope"' in " ".join(result.stderr.split())
    assert labels(pending_run) == ["unlabeled"] * 3


def test_value_alone_is_refused(cli, pending_run: RunFolder) -> None:
    assert cli("label", pending_run.path, "--value", "success").exit_code == 2
