"""The networks of EDM and EDM2 under the names of their published checkpoints."""
