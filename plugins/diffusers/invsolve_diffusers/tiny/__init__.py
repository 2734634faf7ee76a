"""Small random checkpoints of each family, to try the plumbing with."""
