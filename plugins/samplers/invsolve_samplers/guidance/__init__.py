"""Guidance rules: how the observation enters a step, one a file."""
