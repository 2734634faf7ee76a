"""Training a denoiser of latents, with or without a condition."""
