"""Clips from files: their frames as light, and the times at which it was seen."""
