"""What a user chooses about a graph, as launch and the command line read it."""

from __future__ import annotations

from pathlib import Path

import pytest
from adapt_core.errors import ConfigError
from adapt_core.graph_options import GraphOptions, MotionBackend, graph_options, options_from_texts
from adapt_core.robots import Source


def test_texts_become_what_the_fields_want() -> None:
    texts = {"run": "runs/a", "source": "mock", "approve": "True", "executor": "moveit", "camera": "0", "labels": ""}
    assert options_from_texts(texts) == GraphOptions(
        run=Path("runs/a"), source=Source.MOCK, approve=True, executor=MotionBackend.MOVEIT, camera="0"
    )


def test_defaults_are_the_same_for_everybody() -> None:
    assert options_from_texts({option.name: "" for option in graph_options()}) == GraphOptions()


@pytest.mark.parametrize(
    ("texts", "named"),
    [({"source": "rael"}, "source"), ({"approve": "perhaps"}, "approve"), ({"executer": "moveit"}, '"executor"')],
)
def test_a_mistake_is_named(texts: dict[str, str], named: str) -> None:
    with pytest.raises(ConfigError, match=named):
        options_from_texts(texts)


def test_every_option_says_what_it_is() -> None:
    assert all(option.about for option in graph_options())
