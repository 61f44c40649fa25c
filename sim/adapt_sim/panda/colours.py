"""The colours of cups and drawers, and which of them demonstrations show (SAIL, section 4.1)."""

from __future__ import annotations

COLOURS = {
    "red": (0.80, 0.07, 0.07),
    "green": (0.08, 0.55, 0.14),
    "blue": (0.07, 0.18, 0.75),
    "pink": (0.98, 0.50, 0.70),
    "orange": (0.98, 0.45, 0.02),
    "purple": (0.42, 0.10, 0.60),
    "yellow": (0.95, 0.80, 0.05),
}
SEEN_CUPS, NOVEL_CUPS = ("red", "green", "blue", "pink"), ("orange", "purple")
SEEN_DRAWERS, NOVEL_DRAWERS = ("red", "green", "blue"), ("yellow",)
