"""The training task of the network."""
