"""Contacts: links that meet one another, and boxes that none may enter."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from adapt_core.kinematics.arm import ArmModel
from adapt_core.kinematics.inverse import solve
from adapt_core.robots import KeepOut, Robot
from adapt_core.safety import Rejection


def test_nothing_meets_at_home(arm: ArmModel) -> None:
    assert arm.collisions.contact(arm.home) is None


def test_a_folded_arm_meets_itself(arm: ArmModel) -> None:
    contact = arm.collisions.contact(np.array([0, -1.7, 0, -3.05, 0, 0.0, 0]))
    assert contact is not None
    assert contact.code is Rejection.SELF_COLLISION
    assert contact.links == ("panda_link1", "panda_link7")
    assert np.isfinite(contact.point).all()
    assert "panda_link1 and panda_link7 meet at x " in str(contact)


def test_a_hand_in_the_table_is_told_where(arm: ArmModel) -> None:
    pose = arm.forward(arm.home)
    pose[:3] = [0.5, 0.1, -0.03]
    contact = arm.collisions.contact(solve(arm, pose, arm.home))
    assert contact is not None
    assert contact.code is Rejection.KEEP_OUT
    assert contact.links[1] == "table"
    assert contact.links[0].endswith("finger")
    np.testing.assert_allclose(contact.point, [0.5, 0.1, 0.0], atol=0.08)  # an open finger is 7 cm from the middle


@pytest.mark.parametrize(("margin_m", "meets"), [(0.0, False), (0.03, True)])
def test_links_keep_their_distance(robot: Robot, arm: ArmModel, margin_m: float, meets: bool) -> None:
    assert robot.arm is not None
    x, y, z = arm.forward(arm.home)[:3]
    near = KeepOut("post", (x - 0.05, y - 0.05, z - 0.3), (x + 0.05, y + 0.05, z - 0.02))  # tips reach 0.01 below
    description = replace(robot.arm.description, margin_m=margin_m)
    contact = ArmModel(replace(robot.arm, description=description), [near]).collisions.contact(arm.home)
    assert (contact is not None) == meets
    if contact:
        assert contact.links[1] == "post"


def test_pairs_that_the_srdf_allows_may_touch(arm: ArmModel) -> None:
    assert arm.collisions.contact(arm.home + np.eye(7)[6]) is None  # neighbours always touch
