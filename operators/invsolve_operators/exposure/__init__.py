"""What exposures share: shutters, and the matrix from frames to exposures."""
