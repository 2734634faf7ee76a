"""Sequential Monte Carlo: populations of particles that are weighted and resampled."""
