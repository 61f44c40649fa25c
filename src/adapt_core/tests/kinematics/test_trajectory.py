"""Joint trajectories: what is refused, and what lies between their points."""

from __future__ import annotations

import numpy as np
import pytest
from adapt_core.errors import PlanRejectedError
from adapt_core.kinematics import JointTrajectory
from adapt_core.safety import Rejection
from hypothesis import given
from hypothesis import strategies as st


def cubic(times_s: np.ndarray, coefficients: np.ndarray) -> JointTrajectory:
    """A motion whose joints follow one cubic each: `coefficients` (4, j), lowest power first."""
    powers = [np.vander(times_s, 4, increasing=True)]
    for _ in range(2):
        powers.append(np.column_stack([np.zeros(len(times_s)), powers[-1][:, :-1] * np.arange(1, 4)]))
    return JointTrajectory(times_s, *(power @ coefficients for power in powers))


@given(
    st.lists(st.floats(0.05, 1), min_size=1, max_size=5),
    st.lists(st.floats(-2, 2), min_size=8, max_size=8),
    st.floats(0, 1),
)
def test_a_cubic_is_met_between_its_points(spans: list[float], numbers: list[float], share: float) -> None:
    times_s = np.cumsum([0.0, *spans])
    coefficients = np.array(numbers).reshape(4, 2)
    moment = share * times_s[-1]
    position, velocity = cubic(times_s, coefficients).at(moment)
    exact = cubic(np.array([moment]), coefficients)
    np.testing.assert_allclose(position, exact.positions[0], atol=1e-6)
    np.testing.assert_allclose(velocity, exact.velocities[0], atol=1e-6)


def test_it_is_held_before_its_start_and_after_its_end() -> None:
    trajectory = cubic(np.array([0.0, 0.5, 1.0]), np.array([[0.0], [1.0], [0.0], [0.0]]))
    assert trajectory.duration_s == 1.0
    assert trajectory.at(-1)[0] == 0.0
    assert trajectory.at(7)[0] == 1.0


@pytest.mark.parametrize(
    ("times_s", "shape", "value", "code"),
    [
        ([0.0, 1.0], (2, 7), np.nan, Rejection.NON_FINITE),
        ([0.0, np.inf], (2, 7), 0.0, Rejection.NON_FINITE),
        ([0.0, 0.0], (2, 7), 0.0, Rejection.WRONG_SHAPE),
        ([1.0, 0.5], (2, 7), 0.0, Rejection.WRONG_SHAPE),
        ([-0.1, 0.5], (2, 7), 0.0, Rejection.WRONG_SHAPE),
        ([0.0, 1.0], (3, 7), 0.0, Rejection.WRONG_SHAPE),
        ([], (0, 7), 0.0, Rejection.WRONG_SHAPE),
    ],
)
def test_what_is_no_trajectory_is_refused(
    times_s: list[float], shape: tuple[int, int], value: float, code: Rejection
) -> None:
    with pytest.raises(PlanRejectedError, match="no joint trajectory") as caught:
        JointTrajectory(np.array(times_s), np.full(shape, value), np.zeros(shape), np.zeros(shape))
    assert caught.value.code is code
