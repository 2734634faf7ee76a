"""Parts of exposures: shutters, and the matrix from frames to exposures."""
