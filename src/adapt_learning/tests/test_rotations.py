"""Quaternions and rotation vectors."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from adapt_learning import rotations

vectors = arrays(np.float64, 3, elements=st.floats(-1.8, 1.8))  # at most 3.12 rad long: less than half a turn


def quarter(axis: int) -> rotations.Array:
    return rotations.from_vector(np.pi / 2 * np.eye(3)[axis])


@given(vectors)
def test_vectors_survive_the_conversion(vector: rotations.Array) -> None:
    quaternion = rotations.from_vector(vector)
    assert np.linalg.norm(quaternion) == pytest.approx(1)
    np.testing.assert_allclose(rotations.to_vector(quaternion), vector, atol=1e-7)
    np.testing.assert_allclose(rotations.to_vector(-quaternion), vector, atol=1e-7)


@given(vectors, vectors)
def test_what_is_turned_back_is_not_turned(first: rotations.Array, second: rotations.Array) -> None:
    a, b = rotations.from_vector(first), rotations.from_vector(second)
    back = rotations.multiply(rotations.multiply(a, b), rotations.inverse(b))
    np.testing.assert_allclose(back, a, atol=1e-9)


def test_the_second_rotation_comes_first() -> None:
    """A quarter about z and then one about x is a third of a turn about (1, 1, 1)/sqrt(3) with another sign."""
    turned = rotations.multiply(quarter(0), quarter(2))
    np.testing.assert_allclose(turned, [0.5, -0.5, 0.5, 0.5], atol=1e-12)


def test_the_mean_does_not_mind_signs() -> None:
    around = np.stack([rotations.from_vector(np.array([angle, 0, 0])) for angle in (-0.2, 0.0, 0.2)])
    around[1] *= -1
    assert abs(rotations.mean(around)[3]) == pytest.approx(1)
