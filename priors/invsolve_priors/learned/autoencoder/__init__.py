"""The per-frame autoencoder: from pictures to latents of unit variance and back."""
