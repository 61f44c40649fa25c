"""Did an episode succeed? A person's label wins over the simulator's truth."""

from __future__ import annotations

from adapt_core.types import LabelValue, Outcome


def verdict(success: bool | None, label: LabelValue) -> bool | None:
    """True or False where a label or, without one, the simulator says so; None where nobody can tell."""
    match label:
        case LabelValue.SUCCESS:
            return True
        case LabelValue.FAILURE:
            return False
        case LabelValue.UNSURE:
            return None
        case LabelValue.UNLABELED:
            return success


def verdict_word(outcome: Outcome, judged: bool | None) -> str:
    """The verdict as a word for tables and pictures."""
    if outcome is Outcome.ABORTED:
        return "aborted"
    return "not judged" if judged is None else "success" if judged else "failure"
