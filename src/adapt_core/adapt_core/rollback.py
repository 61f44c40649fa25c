"""Going back to better weights."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from adapt_core.sail_request import IterationResult
from adapt_core.settings import Rollback
from adapt_core.statistics import SIGNIFICANT, p_worse

_log = logging.getLogger(__name__)


def goes_on_from(results: Sequence[IterationResult], rollback: Rollback) -> IterationResult:
    """The iteration whose weights are finetuned next: the last of `results`, or the best before it.

    It is the best one's (the last of these) where `rollback` is on and the last succeeded significantly more rarely:
    Fisher's exact test, one-sided, at 5 %.
    """
    last, earlier = results[-1], results[:-1]
    if rollback is Rollback.NONE or not earlier:
        return last
    best = max(reversed(earlier), key=lambda result: result.rate)
    chance = p_worse(last.successes, last.judged, best.successes, best.judged)
    if chance >= SIGNIFICANT:
        return last
    _log.warning(
        "iteration %d succeeded %d of %d times, iteration %d %d of %d (p = %.3f): back to weights %s",
        last.index, last.successes, last.judged, best.index, best.successes, best.judged, chance, best.weights_version,
    )  # fmt: skip
    return best
