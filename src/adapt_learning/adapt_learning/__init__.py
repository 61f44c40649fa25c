"""Video planning and inverse dynamics in PyTorch, and how they improve from experience."""
