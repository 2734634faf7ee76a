"""Optical flows: how to find the motion between two pictures."""
