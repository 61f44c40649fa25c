"""Diffusion: the denoiser port, noise schedules, samplers, and the composition of two models' scores."""
