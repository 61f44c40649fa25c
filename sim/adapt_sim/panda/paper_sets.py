"""The paper's sets of scenes (SAIL, section 4.1), as the task ids and seeds that mean them."""

from __future__ import annotations

from dataclasses import dataclass

from adapt_sim.panda.colours import NOVEL_CUPS, NOVEL_DRAWERS, SEEN_CUPS, SEEN_DRAWERS
from adapt_sim.panda.cups import cup_partners
from adapt_sim.panda.drawers import drawer_partners, drawer_placements

DEMONSTRATIONS_A_TASK = 10  # for each of the 12 tasks with cups
ROLLOUTS_A_PAIR = 5  # for each of the 6 pairs of seen colours beside a novel cup


@dataclass(frozen=True)
class Trials:
    """The scenes of `task_id` with seeds 0 to `count` - 1."""

    task_id: str
    count: int

    def seeds(self, iteration: int = 0) -> range:
        """The seeds of the next `count` scenes in each iteration: the same colours and placements, drawn anew."""
        return range(iteration * self.count, (iteration + 1) * self.count)


def cup_demonstrations() -> tuple[Trials, ...]:
    """120: each seen colour with each pair of the three others (12 tasks), ten times."""
    return tuple(
        Trials(f"push-{colour}-cup", DEMONSTRATIONS_A_TASK * len(cup_partners(colour))) for colour in SEEN_CUPS
    )


def cup_evaluations() -> tuple[Trials, ...]:
    """30 an iteration for each novel colour: with each of the six pairs of seen ones, five times."""
    return tuple(Trials(f"push-{colour}-cup", ROLLOUTS_A_PAIR * len(cup_partners(colour))) for colour in NOVEL_CUPS)


def drawer_demonstrations() -> tuple[Trials, ...]:
    """144: each of the six ordered pairs of seen colours in each of the 24 placements."""
    return tuple(_drawer_trials(colour) for colour in SEEN_DRAWERS)


def drawer_evaluations() -> tuple[Trials, ...]:
    """36 an iteration: the novel colour with each of the three seen ones, in half of the placements."""
    return tuple(_drawer_trials(colour) for colour in NOVEL_DRAWERS)


def _drawer_trials(colour: str) -> Trials:
    return Trials(f"open-{colour}-drawer", len(drawer_partners(colour)) * len(drawer_placements(colour)))
