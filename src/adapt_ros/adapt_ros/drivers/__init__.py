"""Drivers of arms: what serves one under its names, and what moves one through them."""
