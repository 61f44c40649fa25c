"""What is shown while the loop runs, and what Ctrl-C does."""

from __future__ import annotations

import io
import os
import signal

import pytest
from adapt_cli.interrupt import stop_on_interrupt
from adapt_cli.sail_screen import SailScreen
from adapt_core.sail_request import Phase, SailProgress
from rich.console import Console

COURSE = [
    SailProgress(Phase.ROLLOUT, 0, "base", 0, 0, 0, 50),
    SailProgress(Phase.ROLLOUT, 0, "base", 0, 0, 24, 50),
    SailProgress(Phase.ROLLOUT, 0, "base", 1, 1, 4, 50),
    SailProgress(Phase.LABEL, 0, "base", 0, 0, 0, 2),
    SailProgress(Phase.FINETUNE, 0, "base", 2, 1, 0, 100),
    SailProgress(Phase.FINETUNE, 0, "base", 2, 1, 60, 100, 0.125),
    SailProgress(Phase.ROLLOUT, 1, "mine-001", 0, 0, 0, 50),
]


def shown(terminal: bool) -> str:
    console = Console(file=io.StringIO(), force_terminal=terminal, width=140)
    with SailScreen(2, 2, console) as screen:
        for progress in COURSE:
            screen(progress)
            screen._bars.refresh()
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_without_a_terminal_one_line_an_event() -> None:
    lines = [line for line in shown(terminal=False).splitlines() if line]
    assert len(lines) == 6, "no line for each frame"
    assert "iteration 1 of 2" in lines[0]
    assert "weights base" in lines[0]
    assert "step 60 of 100, loss 0.1250" in lines[4]
    assert "mine-001" in lines[5]


def test_on_a_terminal_bars_say_where_the_loop_is() -> None:
    text = shown(terminal=True)
    for part in ("iteration 2 of 2", "weights mine-001", "rollout", "frame 0 of at most 50"):
        assert part in text


def test_ctrl_c_asks_to_stop_and_twice_stops_at_once(capsys: pytest.CaptureFixture[str]) -> None:
    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(KeyboardInterrupt), stop_on_interrupt("Ending in order.") as should_stop:
        assert not should_stop()
        os.kill(os.getpid(), signal.SIGINT)
        assert should_stop()
        assert "Ending in order." in capsys.readouterr().err
        os.kill(os.getpid(), signal.SIGINT)
    assert signal.getsignal(signal.SIGINT) is before
