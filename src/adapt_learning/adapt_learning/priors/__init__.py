"""Video priors, one a file: models of much broader data than the robot's, wrapped to the `Denoiser` port."""
