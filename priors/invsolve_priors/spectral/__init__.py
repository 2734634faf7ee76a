"""The stationary Gaussian prior, diagonal in the Fourier domain."""
