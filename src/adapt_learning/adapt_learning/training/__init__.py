"""Training: one engine for every model, and what it is fed with."""
