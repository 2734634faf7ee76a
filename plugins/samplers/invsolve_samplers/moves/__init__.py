"""Moves that samplers share: starts, transitions, and inner optimisations."""
