"""What a person is told of a motion before it begins."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from adapt_cli.preview import Preview, in_words, picture


@pytest.fixture
def preview() -> Preview:
    """Ten centimetres forward and four down, turning by a right angle about z, the gripper shutting on the way."""
    poses = np.tile([0.4, 0.0, 0.3, 0.0, 0.0, 0.0, 1.0], (11, 1))
    poses[:, 0] += np.linspace(0, 0.1, 11)
    poses[:, 2] -= np.linspace(0, 0.04, 11)
    angles = np.linspace(0, np.pi / 2, 11) / 2
    poses[:, 5], poses[:, 6] = np.sin(angles), np.cos(angles)
    frames = np.zeros((4, 64, 64, 3), np.uint8)
    return Preview("a" * 64, poses, np.array([0.5, 1.0, 1.5]), np.array([1.0, 0.0, 0.0]), frames, "push the cup")


def test_words_say_how_long_where_and_how_far(preview: Preview) -> None:
    assert in_words(preview) == [
        "3 poses in 1.5 s; the hand goes 11 cm",
        "it ends 10 cm forward, 4 cm down of where it is, turned by 90°",
        "it is lowest at x 0.50 y 0.00 z 0.26 m",
        "the gripper is open at the first pose, shuts by 1.0 s",
    ]


def test_a_motion_on_the_spot(preview: Preview) -> None:
    still = replace(preview, poses=preview.poses[:1].repeat(3, axis=0), openings=np.zeros(3))
    assert in_words(still)[1] == "it ends within half a centimetre of where it is"
    assert in_words(still)[3] == "the gripper is shut at the first pose"


def test_the_picture_has_a_column_for_each_frame(preview: Preview) -> None:
    assert preview.frames is not None
    wide, narrow = picture(preview), picture(replace(preview, frames=preview.frames[:2]))
    assert wide.width > narrow.width
    assert wide.height == narrow.height
