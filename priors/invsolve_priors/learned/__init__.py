"""Learned priors: networks, their weights and model cards."""
