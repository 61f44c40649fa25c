"""Diffusion: the denoiser port, noise schedules, DDIM sampling, and the composition of two models' scores."""
