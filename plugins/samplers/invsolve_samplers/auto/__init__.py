"""A sampler that chooses for itself."""
