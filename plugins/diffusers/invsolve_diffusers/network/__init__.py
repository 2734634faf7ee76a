"""The network of a checkpoint: how a family calls it, where it lies, and its codec."""
